package canvas

import (
	"sync"

	stdfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

func (r *Raster) FillString(f font.Face, at vg.Point, words string) {
	if f.Font.Size == 0 {
		return
	}
	if !isPlain(f, words) {
		r.Fill(outlined(f, at, words))
		return
	}
	o := outlinesOf(f.Face)
	r.begin()
	pen, size := float64(at.X), float64(f.Font.Size)
	before := sfnt.GlyphIndex(0)
	for i, c := range words {
		g, kern := o.glyph(c, before, i > 0)
		pen += float64(kern * size)
		before = g.index
		for _, s := range g.segments {
			point := func(k int) dot {
				return r.to(pen+float64(float64(s.Args[k].X)/o.em*size), float64(at.Y)-float64(float64(s.Args[k].Y)/o.em*size))
			}
			switch s.Op {
			case sfnt.SegmentOpMoveTo:
				r.move(point(0))
			case sfnt.SegmentOpLineTo:
				r.add(point(0))
			case sfnt.SegmentOpQuadTo:
				a, b, c := r.dots[len(r.dots)-1], point(0), point(1)
				r.add(dot{(a.x + float32(2*b.x) + c.x) / 4, (a.y + float32(2*b.y) + c.y) / 4})
				r.add(c)
			case sfnt.SegmentOpCubeTo:
				r.cubic(point(0), point(1), point(2))
			}
		}
		pen += float64(g.advance * size)
	}
	r.paint()
}

// outlines are the glyphs of a font that were drawn so far.
type outlines struct {
	mu     sync.Mutex
	font   *opentype.Font
	em     float64 // units of one em, in 26.6 fixed point
	glyphs map[rune]*glyph
	kerns  map[[2]sfnt.GlyphIndex]float64
}

type glyph struct {
	index    sfnt.GlyphIndex
	segments sfnt.Segments
	advance  float64 // in ems
}

var fontOutlines sync.Map // of *opentype.Font to *outlines

func outlinesOf(f *opentype.Font) *outlines {
	if o, ok := fontOutlines.Load(f); ok {
		return o.(*outlines)
	}
	o, _ := fontOutlines.LoadOrStore(f, &outlines{
		font: f, em: float64(f.UnitsPerEm()), glyphs: map[rune]*glyph{}, kerns: map[[2]sfnt.GlyphIndex]float64{},
	})
	return o.(*outlines)
}

// glyph is that of a rune, and how much closer it stands to the one before it.
func (o *outlines) glyph(c rune, before sfnt.GlyphIndex, follows bool) (*glyph, float64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	ppem := fixed.Int26_6(o.em)
	g := o.glyphs[c]
	if g == nil {
		var buf sfnt.Buffer
		g = &glyph{}
		g.index, _ = o.font.GlyphIndex(&buf, c) // 0, the glyph for what is missing, where there is none
		if segments, err := o.font.LoadGlyph(&buf, g.index, ppem, nil); err == nil {
			g.segments = append(sfnt.Segments(nil), segments...)
		}
		if advance, err := o.font.GlyphAdvance(&buf, g.index, ppem, stdfont.HintingNone); err == nil {
			g.advance = float64(advance) / o.em
		}
		o.glyphs[c] = g
	}
	if !follows {
		return g, 0
	}
	pair := [2]sfnt.GlyphIndex{before, g.index}
	kern, known := o.kerns[pair]
	if !known {
		if k, err := o.font.Kern(nil, before, g.index, ppem, stdfont.HintingNone); err == nil {
			kern = float64(k) / o.em
		}
		o.kerns[pair] = kern
	}
	return g, kern
}

// has says whether the font has a glyph for a rune.
func (o *outlines) has(c rune) bool {
	g, _ := o.glyph(c, 0, false)
	return g.index != 0
}
