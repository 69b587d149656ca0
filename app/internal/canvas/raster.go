package canvas

import (
	"encoding/binary"
	"image"
	"image/color"
	"math"

	raster26 "github.com/golang/freetype/raster"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
	"gonum.org/v1/plot/vg"
)

// Raster is a canvas of pixels. For a window it is several times as fast as vgimg, because it fills paths with package
// vector, blends only the pixels that a path covers, and keeps the outlines of glyphs. For paper it fills them in whole
// numbers, and comes to the same pixels on every processor; so no product is fused with a sum on the way there.
type Raster struct {
	pen
	exact  *raster26.Rasterizer // for paper; nil for a window
	img    *image.RGBA
	scale  float64 // pixels a point
	filler vector.Rasterizer
	mask   []byte
	dots   []dot // of the path in hand
	starts []int // where its parts begin in dots
}

type dot struct{ x, y float32 }

// NewRaster makes a canvas of pixels on paper.
func NewRaster(width, height int, scale float64, paper color.NRGBA) *Raster {
	r := &Raster{img: image.NewRGBA(image.Rect(0, 0, width, height)), scale: scale}
	r.at = affine{scale, 0, 0, 0, -scale, float64(height)}
	for i := 0; i < len(r.img.Pix); i += 4 {
		r.img.Pix[i], r.img.Pix[i+1], r.img.Pix[i+2], r.img.Pix[i+3] = paper.R, paper.G, paper.B, 0xff
	}
	vg.Initialize(r)
	return r
}

// forPaper makes the canvas come to the same pixels everywhere.
func (r *Raster) forPaper() *Raster {
	r.exact = raster26.NewRasterizer(r.img.Rect.Dx(), r.img.Rect.Dy())
	r.exact.UseNonZeroWinding = true
	return r
}

// Image is what was painted so far.
func (r *Raster) Image() *image.RGBA { return r.img }

func (r *Raster) Size() (w, h vg.Length) {
	b := r.img.Rect
	return vg.Length(float64(b.Dx()) / r.scale), vg.Length(float64(b.Dy()) / r.scale)
}

// to is where a point is in pixels.
func (r *Raster) to(x, y float64) dot {
	x, y = r.at.to(x, y)
	return dot{float32(x), float32(y)}
}

func (r *Raster) begin() { r.dots, r.starts = r.dots[:0], r.starts[:0] }

func (r *Raster) move(d dot) {
	r.starts = append(r.starts, len(r.dots))
	r.dots = append(r.dots, d)
}

func (r *Raster) add(d dot) {
	if len(r.starts) == 0 {
		r.move(d)
		return
	}
	r.dots = append(r.dots, d)
}

// flatten turns a path into lines of pixels.
func (r *Raster) flatten(p vg.Path) {
	r.begin()
	for _, c := range p {
		switch c.Type {
		case vg.MoveComp:
			r.move(r.to(float64(c.Pos.X), float64(c.Pos.Y)))
		case vg.LineComp:
			r.add(r.to(float64(c.Pos.X), float64(c.Pos.Y)))
		case vg.ArcComp:
			steps := max(4, int(math.Ceil(math.Abs(c.Angle)*math.Sqrt(float64(c.Radius)*r.scale)*2)))
			for i := range steps + 1 {
				sin, cos := math.Sincos(c.Start + float64(c.Angle*float64(i))/float64(steps))
				r.add(r.to(float64(c.Pos.X)+float64(float64(c.Radius)*cos), float64(c.Pos.Y)+float64(float64(c.Radius)*sin)))
			}
		case vg.CurveComp:
			end := r.to(float64(c.Pos.X), float64(c.Pos.Y))
			one := r.to(float64(c.Control[0].X), float64(c.Control[0].Y))
			if len(c.Control) == 2 {
				r.cubic(one, r.to(float64(c.Control[1].X), float64(c.Control[1].Y)), end)
			} else {
				r.quadratic(one, end)
			}
		case vg.CloseComp:
			if n := len(r.starts); n > 0 {
				r.add(r.dots[r.starts[n-1]])
			}
		}
	}
}

const curveSteps = 16

func (r *Raster) quadratic(b, c dot) {
	a := r.dots[len(r.dots)-1]
	for i := 1; i <= curveSteps; i++ {
		t := float32(i) / curveSteps
		u := 1 - t
		k := [3]float32{u * u, 2 * u * t, t * t}
		r.add(dot{float32(k[0]*a.x) + float32(k[1]*b.x) + float32(k[2]*c.x), float32(k[0]*a.y) + float32(k[1]*b.y) + float32(k[2]*c.y)})
	}
}

func (r *Raster) cubic(b, c, d dot) {
	a := r.dots[len(r.dots)-1]
	for i := 1; i <= curveSteps; i++ {
		t := float32(i) / curveSteps
		u := 1 - t
		k := [4]float32{u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t}
		r.add(dot{
			float32(k[0]*a.x) + float32(k[1]*b.x) + float32(k[2]*c.x) + float32(k[3]*d.x),
			float32(k[0]*a.y) + float32(k[1]*b.y) + float32(k[2]*c.y) + float32(k[3]*d.y),
		})
	}
}

// part is the i-th part of the path in hand.
func (r *Raster) part(i int) []dot {
	if i+1 < len(r.starts) {
		return r.dots[r.starts[i]:r.starts[i+1]]
	}
	return r.dots[r.starts[i]:]
}

func (r *Raster) Fill(p vg.Path) {
	r.flatten(p)
	r.paint()
}

// Stroke makes of each segment a rectangle, and of each bend a wedge, all of them turning the same way, so that what
// overlaps is filled once.
func (r *Raster) Stroke(p vg.Path) {
	half := float32(float64(r.stroke) * r.scale / 2)
	if half <= 0 {
		return
	}
	r.flatten(p)
	var pattern []float64
	for _, d := range r.dashes {
		pattern = append(pattern, float64(d)*r.scale)
	}
	var parts [][]dot
	for i := range r.starts {
		if part := r.part(i); len(pattern) > 0 {
			parts = append(parts, dashed(part, pattern, float64(r.offset)*r.scale)...)
		} else {
			parts = append(parts, part)
		}
	}
	if len(pattern) == 0 { // they are in the buffer that is filled next
		for i, part := range parts {
			parts[i] = append([]dot(nil), part...)
		}
	}
	r.begin()
	for _, part := range parts {
		var before dot // the normal of the segment before
		for i := 1; i < len(part); i++ {
			a, b := part[i-1], part[i]
			dx, dy := b.x-a.x, b.y-a.y
			length := float32(distance(dx, dy))
			if length < 1e-6 {
				continue
			}
			n := dot{-dy / length * half, dx / length * half}
			r.move(dot{a.x + n.x, a.y + n.y})
			r.add(dot{b.x + n.x, b.y + n.y})
			r.add(dot{b.x - n.x, b.y - n.y})
			r.add(dot{a.x - n.x, a.y - n.y})
			if before != (dot{}) {
				if cross := float32(before.x*n.y) - float32(before.y*n.x); cross > 0 { // the gap is on the other side
					r.move(a)
					r.add(dot{a.x - n.x, a.y - n.y})
					r.add(dot{a.x - before.x, a.y - before.y})
				} else if cross < 0 {
					r.move(a)
					r.add(dot{a.x + before.x, a.y + before.y})
					r.add(dot{a.x + n.x, a.y + n.y})
				}
			}
			before = n
		}
	}
	r.paint()
}

func distance(dx, dy float32) float64 {
	return math.Sqrt(float64(float64(dx)*float64(dx)) + float64(float64(dy)*float64(dy)))
}

// dashed cuts a line into dashes.
func dashed(line []dot, pattern []float64, offset float64) (out [][]dot) {
	total := 0.0
	for _, d := range pattern {
		total += d
	}
	if total <= 0 {
		return [][]dot{line}
	}
	k, left := 0, math.Mod(offset, total)
	for left >= pattern[k%len(pattern)] {
		left -= pattern[k%len(pattern)]
		k++
	}
	left = pattern[k%len(pattern)] - left // of the dash or gap in hand
	piece := []dot{line[0]}
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		length := distance(b.x-a.x, b.y-a.y)
		for at := 0.0; ; {
			if length-at <= left {
				left -= length - at
				piece = append(piece, b)
				break
			}
			at += left
			t := float32(at / length)
			cut := dot{a.x + float32(t*(b.x-a.x)), a.y + float32(t*(b.y-a.y))}
			if k%2 == 0 {
				out = append(out, append(piece, cut))
			}
			k++
			piece, left = []dot{cut}, max(pattern[k%len(pattern)], 1e-3)
		}
	}
	if k%2 == 0 && len(piece) > 1 {
		out = append(out, piece)
	}
	return out
}

// paint fills the path in hand with the colour.
func (r *Raster) paint() {
	if len(r.dots) < 2 {
		return
	}
	low, high := r.dots[0], r.dots[0]
	for _, d := range r.dots {
		low.x, low.y, high.x, high.y = min(low.x, d.x), min(low.y, d.y), max(high.x, d.x), max(high.y, d.y)
	}
	if !(low.x > -1e6 && low.y > -1e6 && high.x < 1e6 && high.y < 1e6) { // which no canvas reaches
		return
	}
	box := image.Rect(int(math.Floor(float64(low.x))), int(math.Floor(float64(low.y))), int(math.Ceil(float64(high.x))), int(math.Ceil(float64(high.y))))
	if box = box.Intersect(r.img.Rect); box.Empty() {
		return
	}
	if r.exact != nil {
		r.paintExact()
		return
	}
	for y := box.Min.Y; y < box.Max.Y; y += tile {
		for x := box.Min.X; x < box.Max.X; x += tile {
			r.paintTile(image.Rect(x, y, x+tile, y+tile).Intersect(box))
		}
	}
}

// tile is how wide and high a mask is at most. Of larger ones the library works in floating point, with instructions that
// take 20 times as long where the linker happens to lay them across a line of the cache.
const tile = 512

// paintTile fills the part of the path in hand that is in a box.
func (r *Raster) paintTile(box image.Rectangle) {
	w, h := box.Dx(), box.Dy()
	r.filler.Reset(w, h)
	x, y := float32(box.Min.X), float32(box.Min.Y)
	for i := range r.starts {
		part := r.part(i)
		r.filler.MoveTo(part[0].x-x, part[0].y-y)
		for _, d := range part[1:] {
			r.filler.LineTo(d.x-x, d.y-y)
		}
		r.filler.ClosePath()
	}
	if cap(r.mask) < w*h {
		r.mask = make([]byte, w*h)
	}
	mask := &image.Alpha{Pix: r.mask[:w*h], Stride: w, Rect: image.Rect(0, 0, w, h)}
	r.filler.DrawOp = 1 // draw.Src
	r.filler.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	for row := range h {
		r.blend(mask.Pix[row*w:row*w+w], r.img.Pix[r.img.PixOffset(box.Min.X, box.Min.Y+row):])
	}
}

// paintExact fills the path in hand in whole parts of pixels.
func (r *Raster) paintExact() {
	at := func(d dot) fixed.Point26_6 {
		return fixed.Point26_6{X: fixed.Int26_6(math.Round(float64(d.x) * 64)), Y: fixed.Int26_6(math.Round(float64(d.y) * 64))}
	}
	r.exact.Clear()
	for i := range r.starts {
		part := r.part(i)
		r.exact.Start(at(part[0]))
		for _, d := range part[1:] {
			r.exact.Add1(at(d))
		}
		r.exact.Add1(at(part[0]))
	}
	r.exact.Rasterize(raster26.PainterFunc(func(spans []raster26.Span, _ bool) {
		for _, s := range spans {
			if cap(r.mask) < s.X1-s.X0 {
				r.mask = make([]byte, s.X1-s.X0)
			}
			mask := r.mask[:s.X1-s.X0]
			for i := range mask {
				mask[i] = byte(s.Alpha >> 8)
			}
			r.blend(mask, r.img.Pix[r.img.PixOffset(s.X0, s.Y):])
		}
	}))
}

// blend lays the colour over a row of pixels, as much of it as the mask says.
func (r *Raster) blend(mask, pix []byte) {
	c := r.colour
	red, green, blue, alpha := int32(c.R), int32(c.G), int32(c.B), uint32(c.A)
	for i := 0; i < len(mask); i++ {
		for i+8 <= len(mask) && binary.LittleEndian.Uint64(mask[i:]) == 0 { // most of them are not covered
			i += 8
		}
		if i == len(mask) {
			return
		}
		if mask[i] == 0 {
			continue
		}
		p := pix[4*i : 4*i+3 : 4*i+3]
		if a := int32(uint32(mask[i]) * alpha * 257 >> 16); a >= 254 {
			p[0], p[1], p[2] = c.R, c.G, c.B
		} else {
			p[0] += uint8((red - int32(p[0])) * a / 255)
			p[1] += uint8((green - int32(p[1])) * a / 255)
			p[2] += uint8((blue - int32(p[2])) * a / 255)
		}
	}
}
