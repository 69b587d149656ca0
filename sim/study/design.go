package study

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"exodus/sim"
)

// Param is an input that a design varies: over levels in a grid, within a range in other designs.
type Param struct {
	Name      string
	Levels    []float64
	Low, High float64
	Whole     bool // takes whole numbers alone, as Low and High then are
}

// Grid is every combination of the levels of the parameters, the last one varying fastest.
func Grid(params []Param) [][]float64 {
	points := [][]float64{{}}
	for _, p := range params {
		var next [][]float64
		for _, point := range points {
			for _, x := range p.Levels {
				next = append(next, append(slices.Clone(point), x))
			}
		}
		points = next
	}
	return points
}

// LatinHypercube is n points of which each parameter takes a value in each n-th part of its range once (McKay,
// Beckman and Conover 1979). The seed decides which, and where in its part.
func LatinHypercube(params []Param, n int, seed uint64) [][]float64 {
	points := make([][]float64, n)
	for i := range points {
		points[i] = make([]float64, len(params))
	}
	luck := sim.Luck{Seed: seed}
	for k, p := range params {
		agent := sim.KeyOf(p.Name)
		parts := make([]int, n)
		for i := range parts {
			parts[i] = i
		}
		for i := n - 1; i > 0; i-- { // Fisher and Yates
			j := int(luck.Uniform(agent, keyPart, i) * float64(i+1))
			parts[i], parts[j] = parts[j], parts[i]
		}
		for i := range points {
			u := (float64(parts[i]) + luck.Uniform(agent, keyPlace, i)) / float64(n)
			points[i][k] = p.Within(u)
		}
	}
	return points
}

var keyPart, keyPlace = sim.KeyOf("latin hypercube part"), sim.KeyOf("latin hypercube place")

// Within is the value at the part u of the range, from 0 to 1. Each whole number has an equal part: they are rounded down
// from the range that reaches to High + 1.
func (p Param) Within(u float64) float64 {
	if p.Whole {
		return min(math.Floor(p.Low+float64(u*(p.High+1-p.Low))), p.High)
	}
	return p.Low + float64(u*(p.High-p.Low))
}

// Sobol is the first n points of the Sobol sequence after its origin, which is left out.
func Sobol(params []Param, n int) ([][]float64, error) {
	return sobol(params, n, make([]uint64, len(params)))
}

// sobol is [Sobol] after a digital shift: the bits of each coordinate turned where those of its shift are set.
func sobol(params []Param, n int, shift []uint64) ([][]float64, error) {
	if len(params) > MostSobol {
		return nil, fmt.Errorf("%d parameters; a Sobol sequence is known here for %d", len(params), MostSobol)
	}
	directions := sobolDirections(len(params))
	points := make([][]float64, n)
	x := make([]uint64, len(params))
	for i := range points {
		// Antonov and Saleev: one direction a step, that of the lowest zero bit of the step's number.
		bit := 0
		for i>>bit&1 == 1 {
			bit++
		}
		points[i] = make([]float64, len(params))
		for k, p := range params {
			x[k] ^= directions[k][bit]
			points[i][k] = p.Within(float64(x[k]^shift[k]) / (1 << sobolBits))
		}
	}
	return points, nil
}

// MostPoints is how many points a file may have.
const MostPoints = 1_000_000

// ReadPoints reads a design from a CSV: a header of parameter names, and a row for each point. lines says on which line
// each point stands. The text is UTF-8, or UTF-16 with the mark at its start that spreadsheets write.
func ReadPoints(r io.Reader) (names []string, points [][]float64, lines []int, err error) {
	rows := csv.NewReader(transform.NewReader(r, unicode.BOMOverride(transform.Nop)))
	rows.ReuseRecord, rows.FieldsPerRecord = true, -1
	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil, nil, errors.New("the design is empty; its first line names parameters, such as events.deal.stake")
	}
	if err != nil {
		return nil, nil, nil, err
	}
	known := map[string]bool{}
	for _, name := range header {
		name = strings.TrimSpace(name)
		switch {
		case !utf8.ValidString(name) || strings.ContainsRune(name, 0):
			return nil, nil, nil, errors.New("line 1: this is neither UTF-8 text nor UTF-16 with a byte order mark; save the design as CSV in UTF-8")
		case strings.ContainsAny(name, ";\t"):
			return nil, nil, nil, fmt.Errorf("line 1: %q is not a parameter; separate parameters with commas", name)
		case name == "":
			return nil, nil, nil, errors.New("line 1: a name is empty")
		case known[name]:
			return nil, nil, nil, fmt.Errorf("line 1: %s is named twice", name)
		}
		known[name] = true
		names = append(names, name)
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, nil, err
		}
		line, _ := rows.FieldPos(0)
		if len(row) != len(names) {
			return nil, nil, nil, fmt.Errorf("line %d: %d value%s, the first line names %d", line, len(row), plural(len(row)), len(names))
		}
		point := make([]float64, len(names))
		for i, text := range row {
			if point[i], err = ParseNumber(text); err != nil {
				return nil, nil, nil, fmt.Errorf("line %d: %s: %w", line, names[i], err)
			}
		}
		lines = append(lines, line)
		if points = append(points, point); len(points) > MostPoints {
			return nil, nil, nil, fmt.Errorf("line %d: a design has at most %d points", line, MostPoints)
		}
	}
	if len(points) == 0 {
		return nil, nil, nil, errors.New("the design has a header and no points")
	}
	return names, points, lines, nil
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}
