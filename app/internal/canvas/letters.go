package canvas

import (
	"cmp"
	"io"
	"log"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/go-text/typesetting/di"
	shapefont "github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/fontscan"
	"github.com/go-text/typesetting/harfbuzz"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	stdfont "golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// The font of figures is part of the program, and has the letters of Latin, Greek and Cyrillic. Text in those alone is
// written one glyph after another, the same on every machine. Other text is shaped: its runs are put in the order in
// which they are read, its letters are joined, and those that the font of figures lacks are taken from a font of the
// machine, as outlines. So such a figure looks as the fonts of its machine do, and may differ on another one.

// shaped is a text as outlines, in ems from where it begins.
type shaped struct {
	outline vg.Path
	advance float64
}

// shaper shapes text, with the fonts that it has found.
type shaper struct {
	mu       sync.Mutex
	machine  func() []fontscan.Footprint // the fonts of the machine, looked for when the first letter is lacking
	harfbuzz shaping.HarfbuzzShaper
	segments shaping.Segmenter
	own      map[bool]*shapefont.Face // the font of figures, by whether it is bold
	loaded   map[fontscan.Location]*shapefont.Face
	ranked   map[bool][]fontscan.Footprint
	found    map[foundKey]*shapefont.Face
	texts    map[textKey]shaped
}

type foundKey struct {
	letters string
	bold    bool
}

type textKey struct {
	text string
	bold bool
}

func newShaper(machine func() []fontscan.Footprint) *shaper {
	return &shaper{
		machine: machine, own: map[bool]*shapefont.Face{}, loaded: map[fontscan.Location]*shapefont.Face{},
		ranked: map[bool][]fontscan.Footprint{}, found: map[foundKey]*shapefont.Face{}, texts: map[textKey]shaped{},
	}
}

var letters = newShaper(sync.OnceValue(machineFonts))

// scanTime is how long the fonts of the machine are looked for at most; after that it has none.
const scanTime = 10 * time.Second

// machineFonts are the fonts of this machine. The library keeps what it found in a file: here one that goes away again,
// so that nothing is left behind.
func machineFonts() []fontscan.Footprint {
	out := make(chan []fontscan.Footprint, 1)
	go func() {
		var fonts []fontscan.Footprint
		defer func() {
			recover() // a broken font is no reason to fail
			out <- fonts
		}()
		dir, err := os.MkdirTemp("", "exodus-fonts-")
		if err != nil {
			return
		}
		defer os.RemoveAll(dir)
		fonts, _ = fontscan.SystemFonts(log.New(io.Discard, "", 0), dir) // none where there are none
	}()
	select {
	case fonts := <-out:
		return fonts
	case <-time.After(scanTime):
		return nil
	}
}

// isPlain says whether a text is written one glyph after another, from left to right, in the font of figures.
func isPlain(f font.Face, words string) bool {
	for _, c := range words {
		if c > unicode.MaxASCII && (isRightToLeft(c) || !outlinesOf(f.Face).has(c)) {
			return false
		}
	}
	return true
}

// width is how wide a text is.
func width(f font.Face, words string) vg.Length {
	if isPlain(f, words) {
		return f.Width(words)
	}
	return vg.Length(letters.shape(f, words).advance) * f.Font.Size
}

// outlined is a text that is not plain, as a path that begins at a point.
func outlined(f font.Face, at vg.Point, words string) vg.Path {
	var path vg.Path
	size := f.Font.Size
	to := func(p vg.Point) vg.Point {
		return vg.Point{X: at.X + vg.Length(float64(p.X*size)), Y: at.Y + vg.Length(float64(p.Y*size))}
	}
	for _, part := range letters.shape(f, words).outline {
		part.Pos = to(part.Pos)
		part.Control = slices.Clone(part.Control)
		for i := range part.Control {
			part.Control[i] = to(part.Control[i])
		}
		path = append(path, part)
	}
	return path
}

// Sans is the font of figures.
var Sans = font.Font{Typeface: "Liberation", Variant: "Sans"}

var ownFace = Text.Fonts.Lookup(Sans, 10)

// handler measures and draws text as [text.Plain] does, also where it has to be shaped.
type handler struct{ text.Plain }

// Text measures and draws the text of figures, in whatever script.
var Text = handler{text.Plain{Fonts: plot.DefaultTextHandler.Cache()}}

func (h handler) Box(words string, f font.Font) (w, height, depth vg.Length) {
	face := h.Fonts.Lookup(f, f.Size)
	e := face.Extents()
	return width(face, words), e.Ascent, e.Descent
}

func (h handler) Draw(c vg.Canvas, words string, s text.Style, at vg.Point) {
	for i, lines := 0, h.Lines(words); i < len(lines); i++ {
		face := h.Fonts.Lookup(s.Font, s.Font.Size)
		if len(lines) > 1 || isPlain(face, lines[i]) {
			h.Plain.Draw(c, words, s, at)
			return
		}
		turned := affine{1, 0, 0, 0, 1, 0}.rotate(s.Rotation)
		x, y := turned.to(float64(vg.Length(s.XAlign)*width(face, lines[i])), 0)
		s.XAlign = text.XLeft
		h.Plain.Draw(c, lines[i], s, at.Add(vg.Point{X: vg.Length(x), Y: vg.Length(y)}))
	}
}

// mostTexts is how many shaped texts are kept.
const mostTexts = 2048

func (s *shaper) shape(f font.Face, words string) (out shaped) {
	s.mu.Lock()
	defer s.mu.Unlock()
	bold := f.Font.Weight == stdfont.WeightBold
	key := textKey{words, bold}
	if done, ok := s.texts[key]; ok {
		return done
	}
	defer func() {
		if recover() != nil { // a broken font: as the font of figures has it
			out = shaped{advance: float64(f.Width(words) / f.Font.Size)}
		}
		if len(s.texts) >= mostTexts {
			clear(s.texts)
		}
		s.texts[key] = out
	}()
	own := s.ownFace(f, bold)
	faces := s.choose(own, words, bold)
	runes := []rune(words)
	levels := levelsOf(runes)
	var runs []shaping.Input
	var depths []int
	for start := 0; start < len(runes); {
		end := start + 1
		for end < len(runes) && levels[end] == levels[start] {
			end++
		}
		direction := di.DirectionLTR
		if levels[start]%2 == 1 {
			direction = di.DirectionRTL
		}
		for _, run := range s.segments.Split(shaping.Input{Text: runes, RunStart: start, RunEnd: end, Direction: direction}, faces) {
			run.Direction = direction
			runs, depths = append(runs, run), append(depths, levels[start])
		}
		start = end
	}
	for _, i := range visual(depths) {
		run := runs[i]
		em := float64(run.Face.Upem())
		run.Size = fixed.I(int(run.Face.Upem()))
		for _, g := range s.harfbuzz.Shape(run).Glyphs {
			units := func(x fixed.Int26_6) float64 { return float64(x) / 64 / em }
			x, y := out.advance+units(g.XOffset), units(g.YOffset)
			out.outline = append(out.outline, outlineOf(run.Face, g.GlyphID, x, y)...)
			out.advance += units(g.XAdvance)
		}
	}
	return out
}

// segmentsOf are the lines that a glyph is drawn with; none of one that is a picture.
func segmentsOf(face *shapefont.Face, glyph shapefont.GID) []opentype.Segment {
	switch g := face.GlyphData(glyph).(type) {
	case shapefont.GlyphOutline:
		return g.Segments
	case shapefont.GlyphSVG:
		return g.Outline.Segments
	case shapefont.GlyphBitmap:
		if g.Outline != nil {
			return g.Outline.Segments
		}
	}
	return nil
}

func outlineOf(face *shapefont.Face, glyph shapefont.GID, x, y float64) (path vg.Path) {
	em := float64(face.Upem())
	for _, s := range segmentsOf(face, glyph) {
		point := func(i int) vg.Point {
			return vg.Point{X: vg.Length(x + float64(s.Args[i].X)/em), Y: vg.Length(y + float64(s.Args[i].Y)/em)}
		}
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			if len(path) > 0 {
				path.Close()
			}
			path.Move(point(0))
		case opentype.SegmentOpLineTo:
			path.Line(point(0))
		case opentype.SegmentOpQuadTo:
			path.QuadTo(point(0), point(1))
		case opentype.SegmentOpCubeTo:
			path.CubeTo(point(0), point(1), point(2))
		}
	}
	if len(path) > 0 {
		path.Close()
	}
	return path
}

func (s *shaper) ownFace(f font.Face, bold bool) *shapefont.Face {
	if s.own[bold] == nil {
		loader, err := opentype.NewLoader(strings.NewReader(string(sourceOf(f))))
		if err != nil {
			panic(err) // it is part of the program
		}
		own, err := shapefont.NewFont(loader)
		if err != nil {
			panic(err)
		}
		s.own[bold] = shapefont.NewFace(own)
	}
	return s.own[bold]
}

// chosen are the fonts that the letters of a text are drawn with.
type chosen struct {
	own   *shapefont.Face
	other map[rune]*shapefont.Face
}

func (c chosen) ResolveFace(r rune) *shapefont.Face {
	if face := c.other[r]; face != nil {
		return face
	}
	return c.own // which has a box for what nobody has
}

// choose finds fonts for what the font of figures lacks: for the letters of a script one that has them all, if any does.
func (s *shaper) choose(own *shapefont.Face, words string, bold bool) chosen {
	out := chosen{own, map[rune]*shapefont.Face{}}
	lacking := map[language.Script][]rune{}
	var scripts []language.Script
	last := language.Common
	for _, c := range words {
		if _, has := own.NominalGlyph(c); has || isHidden(c) || slices.Contains(lacking[last], c) {
			continue
		}
		switch script := language.LookupScript(c); script {
		case language.Common, language.Inherited: // goes with what stands before it
		case language.Hiragana, language.Katakana, language.Bopomofo, language.Hangul:
			last = language.Han
		default:
			last = script
		}
		if lacking[last] == nil {
			scripts = append(scripts, last)
		}
		lacking[last] = append(lacking[last], c)
	}
	for _, script := range scripts {
		all := s.find(lacking[script], bold)
		for _, c := range lacking[script] {
			if out.other[c] = all; all == nil {
				out.other[c] = s.find([]rune{c}, bold)
			}
		}
	}
	return out
}

// find is the first font of the machine that has all of some letters, as outlines; nil where none has.
func (s *shaper) find(runes []rune, bold bool) *shapefont.Face {
	key := foundKey{string(runes), bold}
	if face, known := s.found[key]; known {
		return face
	}
	if s.ranked[bold] == nil {
		s.ranked[bold] = slices.Clone(s.machine())
		slices.SortStableFunc(s.ranked[bold], func(a, b fontscan.Footprint) int {
			return cmp.Or(cmp.Compare(unlike(a, bold), unlike(b, bold)), strings.Compare(a.Family, b.Family),
				strings.Compare(a.Location.File, b.Location.File), cmp.Compare(a.Location.Index, b.Location.Index))
		})
	}
	var face *shapefont.Face
	for _, f := range s.ranked[bold] {
		if !slices.ContainsFunc(runes, func(c rune) bool { return !f.Runes.Contains(c) }) {
			if loaded := s.load(f.Location); loaded != nil && draws(loaded, runes) {
				face = loaded
				break
			}
		}
	}
	s.found[key] = face
	return face
}

// unlike is how far a font is from the look of figures: an upright one without serifs, of a weight.
func unlike(f fontscan.Footprint, bold bool) float32 {
	weight := shapefont.WeightNormal
	if bold {
		weight = shapefont.WeightBold
	}
	off := max(float32(f.Aspect.Weight-weight), float32(weight-f.Aspect.Weight)) / 100
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(f.Family, part) })
	}
	if f.Aspect.Style != shapefont.StyleNormal || f.Aspect.Stretch != shapefont.StretchNormal {
		off += 20
	}
	if has("mono", "unifont", "fixed", "serif", "mincho", "rashi", "nastaliq", "kufi", "looped") {
		off += 10
	}
	if !has("sans", "gothic", "hei") {
		off += 5
	}
	return off
}

func (s *shaper) load(at fontscan.Location) (face *shapefont.Face) {
	if face, known := s.loaded[at]; known {
		return face
	}
	defer func() {
		if recover() != nil { // a broken font has no letters
			face = nil
		}
		s.loaded[at] = face
	}()
	file, err := os.Open(at.File)
	if err != nil {
		return nil
	}
	defer file.Close()
	loaders, err := opentype.NewLoaders(file)
	if err != nil || int(at.Index) >= len(loaders) {
		return nil
	}
	loaded, err := shapefont.NewFont(loaders[at.Index])
	if err != nil {
		return nil
	}
	return shapefont.NewFace(loaded)
}

// draws says whether a font has outlines for letters, rather than pictures.
func draws(face *shapefont.Face, runes []rune) bool {
	for _, c := range runes {
		glyph, has := face.NominalGlyph(c)
		if !has || len(segmentsOf(face, glyph)) == 0 && !unicode.IsSpace(c) {
			return false
		}
	}
	return true
}

// isHidden says of a character that it has no look of its own: it joins or orders others.
func isHidden(c rune) bool { return harfbuzz.IsDefaultIgnorable(c) || unicode.IsControl(c) }

// Borrows says whether the font of figures lacks a character, which is then drawn with a font of the machine.
func Borrows(c rune) bool {
	return !isHidden(c) && !outlinesOf(ownFace.Face).has(c)
}

// Lacks says whether neither the font of figures nor one of the machine has a character. PNG, PDF and the window show a
// box in its place.
func Lacks(c rune) bool {
	if !Borrows(c) {
		return false
	}
	letters.mu.Lock()
	defer letters.mu.Unlock()
	return letters.find([]rune{c}, false) == nil
}
