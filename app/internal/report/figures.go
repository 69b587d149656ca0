package report

import (
	"errors"
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strings"

	"exodus/app/internal/figure"
)

// drawing is a figure as it stands in the page: for wide windows and for narrow ones, in colours that follow the page.
type drawing struct {
	Kind, Title, Under string
	Wide, Narrow       template.HTML
}

// shades are the pairs of colours, of light pages and of dark ones, that figures are drawn in.
type shades struct {
	pairs [][2]string
}

// CSS defines a variable for each pair.
func (s *shades) css(dark int) string {
	var b strings.Builder
	for i, p := range s.pairs {
		fmt.Fprintf(&b, "--f%d:%s;", i, p[dark])
	}
	return b.String()
}

func (s *shades) name(light, dark string) string {
	pair := [2]string{light, dark}
	i := slices.Index(s.pairs, pair)
	if i < 0 {
		i = len(s.pairs)
		s.pairs = append(s.pairs, pair)
	}
	return fmt.Sprintf("var(--f%d)", i)
}

var (
	colour    = regexp.MustCompile(`(fill|stroke):#[0-9A-Fa-f]{6}`)
	blackPath = regexp.MustCompile(`(<path d="[^"]*") +/>`)
	styles    = regexp.MustCompile(`style="[^"]*"`)
	markup    = regexp.MustCompile(`<[^>]*>`)
)

// draw draws a kind of figure; ok is false where the results lack what it is drawn from.
func (n *numbers) draw(kind string, s *shades) (d drawing, ok bool, err error) {
	f, err := figure.Draw(kind, n.shown, figure.Options{})
	var lacking *figure.Lacking
	if errors.As(err, &lacking) {
		return d, false, nil
	}
	if err != nil {
		return d, false, fmt.Errorf("draw figure %s: %w", kind, err)
	}
	under := strings.TrimPrefix(f.Under, n.s.Describe()+" · ") // which the page says
	d = drawing{Kind: kind, Title: f.Title, Under: strings.ToUpper(under[:1]) + under[1:]}
	for i, size := range []string{"page", "column"} {
		var drawn [2]string
		for dark := range drawn {
			svg, err := f.Write("svg", figure.Paper{Size: size, Dark: dark == 1, NoTitle: true}, nil)
			if err != nil {
				return d, false, fmt.Errorf("draw figure %s: %w", kind, err)
			}
			drawn[dark] = string(svg)
		}
		svg := inline(drawn[0], drawn[1], kind+"-"+size, s)
		if i == 0 {
			d.Wide = svg
		} else {
			d.Narrow = svg
		}
	}
	return d, true, nil
}

// inline makes of a drawing in light and the same in dark one that follows the page. The fonts that it brings along
// get a name of their own: in a page, the glyphs of one figure would stand for those of all.
func inline(light, dark, id string, s *shades) template.HTML {
	light, dark = plain(light), plain(dark)
	a, b := colour.FindAllStringIndex(light, -1), colour.FindAllStringIndex(dark, -1)
	var out strings.Builder
	if isSame := len(a) == len(b) && colour.ReplaceAllString(light, "") == colour.ReplaceAllString(dark, ""); isSame {
		at := 0
		for i := range a {
			one, two := light[a[i][0]:a[i][1]], dark[b[i][0]:b[i][1]]
			property, _, _ := strings.Cut(one, ":")
			out.WriteString(light[at:a[i][0]] + property + ":" + s.name(one[len(property)+1:], two[strings.Index(two, ":")+1:]))
			at = a[i][1]
		}
		out.WriteString(light[at:])
	} else { // drawn another way in the dark: the one on white serves everywhere
		out.WriteString(light)
	}
	font := "Exodus-" + id
	svg := markup.ReplaceAllStringFunc(out.String(), func(tag string) string { return strings.ReplaceAll(tag, "ExodusSans", font) })
	svg = strings.ReplaceAll(svg, "@font-face{font-family:ExodusSans;", "@font-face{font-family:"+font+";")
	return template.HTML(svg)
}

// plain is the drawing without what only a file needs, and with black said as other colours are.
func plain(svg string) string {
	svg = svg[strings.Index(svg, "<svg "):]
	svg = blackPath.ReplaceAllString(svg, `$1 style="fill:#000000" />`)
	return styles.ReplaceAllStringFunc(svg, func(style string) string {
		switch {
		case strings.Contains(style, "fill:"):
			return style
		case strings.Contains(style, "font-size:"): // of text, whose colour comes last
			return strings.TrimSuffix(style, `"`) + `;fill:#000000"`
		}
		return `style="fill:#000000;` + strings.TrimPrefix(style, `style="`)
	})
}
