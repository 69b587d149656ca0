package report

import (
	"errors"
	"fmt"
	"html/template"
	"image/color"
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
	pairs [][2]color.NRGBA
}

// css defines a variable for each pair.
func (s *shades) css(dark int) string {
	var b strings.Builder
	for i, p := range s.pairs {
		fmt.Fprintf(&b, "--f%d:#%02X%02X%02X;", i, p[dark].R, p[dark].G, p[dark].B)
	}
	return b.String()
}

func (s *shades) name(light, dark color.NRGBA) string {
	light.A, dark.A = 0xff, 0xff // how far they are seen through is said beside them
	pair := [2]color.NRGBA{light, dark}
	i := slices.Index(s.pairs, pair)
	if i < 0 {
		i = len(s.pairs)
		s.pairs = append(s.pairs, pair)
	}
	return fmt.Sprintf("var(--f%d)", i)
}

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
	for _, at := range []struct {
		size string
		svg  *template.HTML
	}{{"page", &d.Wide}, {"column", &d.Narrow}} {
		svg, err := f.Inline(figure.Paper{Size: at.size}, kind+"-"+at.size, s.name)
		if err != nil {
			return d, false, fmt.Errorf("draw figure %s: %w", kind, err)
		}
		*at.svg = template.HTML(svg)
	}
	return d, true, nil
}
