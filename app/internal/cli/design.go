package cli

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"exodus/agents/field"
	"exodus/scenarios"
	"exodus/sim/study"
)

// layOut makes the points of the design. Each input is called by its canonical path, however it was written.
func (o *batchOptions) layOut() (names []string, points [][]float64, err error) {
	if o.design != "grid" && o.design != "lhs" && o.design != "sobol" {
		return o.readPoints()
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

// readPoints reads the design from a file.
func (o *batchOptions) readPoints() (names []string, points [][]float64, err error) {
	switch {
	case len(o.sweep) > 0:
		return nil, nil, misusef("--sweep and a file of points are two designs; choose one")
	case o.points != 0:
		return nil, nil, misusef("--points is for lhs and sobol; a file has as many as its rows")
	}
	f, err := os.Open(o.design)
	if err == nil {
		defer f.Close()
	}
	if about, unknown := f.Stat(); unknown != nil || about.IsDir() {
		return nil, nil, misusef("--design %s: neither grid, lhs or sobol, nor a file that can be read", o.design)
	}
	names, points, o.lines, err = study.ReadPoints(f)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", o.design, err)
	}
	known := map[string]bool{}
	for i, name := range names {
		keys, err := scenarios.ParsePath(name)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: line 1: %w", o.design, err)
		}
		if names[i] = scenarios.JoinPath(keys...); known[names[i]] {
			return nil, nil, fmt.Errorf("%s: line 1: %s is named twice", o.design, names[i])
		}
		known[names[i]] = true
	}
	return names, points, nil
}

// parseSweep reads path=a,b,c or path=low:high:step of a grid, and path=low:high of other designs.
func parseSweep(text string, grid bool) (p study.Param, err error) {
	keys, values, ok, err := scenarios.CutPath(text, "=")
	if err != nil {
		return p, err
	}
	if !ok || slices.Contains(keys, "") {
		return p, errors.New("a path and values are needed, such as events.deal.stake=0:0.49:0.07")
	}
	f := scenarios.FieldOf(keys)
	p.Name, p.Whole = scenarios.JoinPath(keys...), f != nil && f.Kind == field.Whole
	switch parts := strings.Split(values, ":"); {
	case grid && len(parts) == 1:
		p.Levels, err = study.List(values)
	case grid && len(parts) == 3:
		p.Levels, err = study.Levels(parts[0], parts[1], parts[2])
	case grid:
		err = errors.New("in a grid, low:high:step or a list a,b,c is needed")
	case len(parts) != 2:
		err = errors.New("a range is needed, low:high")
	default:
		p.Low, p.High, err = study.Span(parts[0], parts[1])
		if err == nil && p.Whole && (p.Low != math.Trunc(p.Low) || p.High != math.Trunc(p.High)) {
			err = fmt.Errorf("%s takes whole numbers, and so does its range", p.Name)
		}
	}
	return p, err
}
