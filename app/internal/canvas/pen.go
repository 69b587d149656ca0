package canvas

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
)

// pen is how a canvas draws: where, in which colour, how broad. All canvases have one.
type pen struct {
	penState
	stack []penState
}

type penState struct {
	at     affine // to points or pixels from the top
	turned float64
	stroke vg.Length // how broad a line is
	dashes []vg.Length
	offset vg.Length
	colour color.NRGBA
}

func (p *pen) SetLineWidth(w vg.Length)               { p.stroke = w }
func (p *pen) SetLineDash(d []vg.Length, o vg.Length) { p.dashes, p.offset = d, o }
func (p *pen) Translate(by vg.Point)                  { p.at = p.at.translate(by) }
func (p *pen) Scale(x, y float64)                     { p.at = p.at.then(affine{x, 0, 0, 0, y, 0}) }
func (p *pen) Push()                                  { p.stack = append(p.stack, p.penState) }

func (p *pen) Pop() {
	p.penState = p.stack[len(p.stack)-1]
	p.stack = p.stack[:len(p.stack)-1]
}

func (p *pen) Rotate(rad float64) {
	p.at = p.at.rotate(rad)
	p.turned += rad
}

func (p *pen) SetColor(c color.Color) {
	if c == nil {
		c = color.Black
	}
	p.colour = color.NRGBAModel.Convert(c).(color.NRGBA)
}

// DrawImage draws nothing: no figure has pictures in it.
func (p *pen) DrawImage(vg.Rectangle, image.Image) {}

// affine is a map of the plane: x' = m[0] x + m[1] y + m[2], y' = m[3] x + m[4] y + m[5].
type affine [6]float64

// then is the map that does n first.
func (m affine) then(n affine) affine {
	return affine{
		float64(m[0]*n[0]) + float64(m[1]*n[3]), float64(m[0]*n[1]) + float64(m[1]*n[4]), float64(m[0]*n[2]) + float64(m[1]*n[5]) + m[2],
		float64(m[3]*n[0]) + float64(m[4]*n[3]), float64(m[3]*n[1]) + float64(m[4]*n[4]), float64(m[3]*n[2]) + float64(m[4]*n[5]) + m[5],
	}
}

func (m affine) rotate(rad float64) affine {
	sin, cos := math.Sincos(rad)
	return m.then(affine{cos, -sin, 0, sin, cos, 0})
}

func (m affine) translate(p vg.Point) affine {
	return m.then(affine{1, 0, float64(p.X), 0, 1, float64(p.Y)})
}

func (m *affine) to(x, y float64) (float64, float64) {
	return float64(m[0]*x) + float64(m[1]*y) + m[2], float64(m[3]*x) + float64(m[4]*y) + m[5]
}
