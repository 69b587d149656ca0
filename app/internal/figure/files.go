package figure

import (
	"bytes"
	"fmt"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Formats are what a figure can be written as.
var Formats = []string{"svg", "pdf", "png", "tex"}

// Paper says how a figure is written.
type Paper struct {
	Size    string `json:"size,omitempty"` // of Sizes; page where it is empty
	DPI     int    `json:"dpi,omitempty"`  // of png; 300 where it is 0
	Dark    bool   `json:"dark,omitempty"`
	Title   string `json:"title,omitempty"` // in place of the figure's own
	NoTitle bool   `json:"no_title,omitempty"`
}

const usualDPI = 300

// Write returns the figure as a file in one of the Formats, with a receipt inside; nil is none.
func (f *Figure) Write(format string, paper Paper, receipt *Receipt) ([]byte, error) {
	size, err := sizeOf(paper.Size)
	if err != nil {
		return nil, err
	}
	t := themeOf(paper.Dark)
	named := *f
	if paper.Title != "" {
		named.Title = paper.Title
	}
	width, height := size.width, named.heightAt(size, t, !paper.NoTitle)
	paint := func(c vg.CanvasSizer) { named.draw(draw.New(c), t, size.unit, !paper.NoTitle) }
	switch format {
	case "svg":
		return named.svg(width, height, paint, receipt)
	case "png":
		dpi := paper.DPI
		if dpi == 0 {
			dpi = usualDPI
		}
		c := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dpi))}
		paint(c)
		var out bytes.Buffer
		_, err := c.WriteTo(&out)
		return out.Bytes(), err
	}
	return nil, fmt.Errorf("no figure can be written as %q; there are %s", format, strings.Join(Formats, ", "))
}

// heightAt is how high the figure is at a size.
func (f *Figure) heightAt(size Size, t *theme, titled bool) vg.Length {
	if body, ok := f.body.(tall); ok {
		p := &page{draw.NewCanvas(&raster{}, size.width, 100*size.height), t, size.unit} // nothing is drawn on it
		left := f.header(p, titled, false)
		if height := body.height(left); height > 0 {
			return p.Max.Y - left.Max.Y + height + p.pt(margin)
		}
	}
	return size.height
}

func (f *Figure) svg(width, height vg.Length, paint func(vg.CanvasSizer), receipt *Receipt) ([]byte, error) {
	c := vgsvg.New(width, height)
	paint(c)
	var out bytes.Buffer
	_, err := c.WriteTo(&out)
	return out.Bytes(), err
}

// Receipt is where a figure came from.
type Receipt struct{}
