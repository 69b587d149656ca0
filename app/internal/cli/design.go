package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"exodus/sim/study"
)

// layOut makes the points of the design.
func (o *batchOptions) layOut() (names []string, points [][]float64, err error) {
	if o.design != "grid" && o.design != "lhs" && o.design != "sobol" {
		if len(o.sweep) > 0 {
			return nil, nil, misusef("--sweep and a file of points are two designs; choose one")
		}
		f, err := os.Open(o.design)
		if err != nil {
			return nil, nil, misusef("--design %s: neither grid, lhs or sobol, nor a file that can be read", o.design)
		}
		defer f.Close()
		if about, err := f.Stat(); err == nil && about.IsDir() {
			return nil, nil, misusef("--design %s: neither grid, lhs or sobol, nor a file that can be read", o.design)
		}
		names, points, o.lines, err = study.ReadPoints(f)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", o.design, err)
		}
		return names, points, nil
	}
	var params []study.Param
	for _, text := range o.sweep {
		p, err := parseSweep(text, o.design == "grid")
		if err != nil {
			return nil, nil, misusef("--sweep %s: %w", text, err)
		}
		if slices.Contains(names, p.Name) {
			return nil, nil, misusef("--sweep %s: %s is swept already", text, p.Name)
		}
		names, params = append(names, p.Name), append(params, p)
	}
	switch {
	case o.design == "grid":
		if o.points != 0 {
			return nil, nil, misusef("--points is for lhs and sobol; a grid has as many as its levels make")
		}
		size := 1.0
		for _, p := range params {
			size *= float64(len(p.Levels))
		}
		if size > study.MostPoints {
			return nil, nil, misusef("a grid of %.3g points; at most %d are possible", size, study.MostPoints)
		}
		return names, study.Grid(params), nil
	case len(params) == 0:
		return nil, nil, misusef("--design %s needs a --sweep, such as --sweep model.leak_aversion=3:8", o.design)
	case o.points < 1 || o.points > study.MostPoints:
		return nil, nil, misusef("--design %s needs --points, 1 to %d", o.design, study.MostPoints)
	case o.design == "lhs":
		return names, study.LatinHypercube(params, o.points, o.seed), nil
	}
	points, err = study.Sobol(params, o.points)
	if err != nil {
		return nil, nil, misuse{err}
	}
	return names, points, nil
}

// parseSweep reads path=a,b,c or path=low:high:step of a grid, and path=low:high of other designs.
func parseSweep(text string, grid bool) (study.Param, error) {
	path, values, ok := strings.Cut(text, "=")
	p := study.Param{Name: strings.TrimSpace(path)}
	if !ok || p.Name == "" {
		return p, errors.New("a path and values are needed, such as events.deal.stake=0:0.49:0.07")
	}
	numbers := func(separator string) (xs []float64, err error) {
		for part := range strings.SplitSeq(values, separator) {
			x, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
			if err != nil || x-x != 0 {
				return nil, fmt.Errorf("%q is not a number", part)
			}
			xs = append(xs, x)
		}
		return xs, nil
	}
	if !strings.Contains(values, ":") {
		if !grid {
			return p, errors.New("a range is needed, low:high")
		}
		var err error
		p.Levels, err = numbers(",")
		return p, err
	}
	xs, err := numbers(":")
	if err != nil {
		return p, err
	}
	switch {
	case grid && len(xs) != 3:
		return p, errors.New("in a grid, low:high:step or a list a,b,c is needed")
	case !grid && len(xs) != 2:
		return p, errors.New("a range is needed, low:high")
	case xs[0] > xs[1]:
		return p, errors.New("low is above high")
	case !grid:
		p.Low, p.High = xs[0], xs[1]
		return p, nil
	case xs[2] <= 0 || (xs[1]-xs[0])/xs[2] > study.MostPoints:
		return p, fmt.Errorf("a step of %v makes too many levels, or none", xs[2])
	}
	for i := 0; ; i++ {
		x := xs[0] + float64(i)*xs[2]
		if x > xs[1]+xs[2]*1e-9 {
			return p, nil
		}
		p.Levels = append(p.Levels, min(x, xs[1]))
	}
}
