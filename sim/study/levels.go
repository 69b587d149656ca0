package study

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// decimal is a number as people write one: no hexadecimal digits, no underscores, no infinity.
var decimal = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

// ParseNumber reads a finite decimal number.
func ParseNumber(text string) (float64, error) {
	text = strings.TrimSpace(text)
	if !decimal.MatchString(text) {
		return 0, fmt.Errorf("%q is not a number", text)
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is too large a number", text)
	}
	digits, _, _ := strings.Cut(strings.ToLower(text), "e")
	if x == 0 && strings.ContainsAny(digits, "123456789") {
		return 0, fmt.Errorf("%s is too small a number to tell from 0", text)
	}
	return x + 0, nil // without the sign of a negative zero
}

// List reads numbers with commas between them, no two of them equal.
func List(text string) (levels []float64, err error) {
	listed := map[float64]bool{}
	for part := range strings.SplitSeq(text, ",") {
		x, err := ParseNumber(part)
		if err != nil {
			return nil, err
		}
		if listed[x] {
			return nil, fmt.Errorf("%s is listed twice", strings.TrimSpace(part))
		}
		listed[x] = true
		if levels = append(levels, x); len(levels) > MostPoints {
			return nil, fmt.Errorf("a list has at most %d levels", MostPoints)
		}
	}
	return levels, nil
}

// Levels go from low by equal steps up or down to high, which is one of them where a step meets it. Each
// is the number nearest to the exact decimal, as if it had been typed: 0.07 + 0.07 + 0.07 is 0.21.
func Levels(low, high, step string) ([]float64, error) {
	var exact [3]*big.Rat
	for i, text := range []string{low, high, step} {
		if _, err := ParseNumber(text); err != nil { // which bounds the exponent, and so the digits
			return nil, err
		}
		exact[i], _ = new(big.Rat).SetString(strings.TrimSpace(text))
	}
	from, by := exact[0], exact[2]
	way := new(big.Rat).Sub(exact[1], from)
	switch {
	case by.Sign() == 0:
		return nil, errors.New("a step of 0 leads nowhere")
	case way.Sign()*by.Sign() < 0:
		return nil, fmt.Errorf("a step of %s leads away from %s", strings.TrimSpace(step), strings.TrimSpace(high))
	}
	steps := new(big.Rat).Quo(way, by)
	count := new(big.Int).Quo(steps.Num(), steps.Denom())
	if count.Add(count, big.NewInt(1)); !count.IsInt64() || count.Int64() > MostPoints {
		return nil, fmt.Errorf("that makes %.3g levels; at most %d are possible", new(big.Float).SetInt(count), MostPoints)
	}
	levels := make([]float64, count.Int64())
	at := new(big.Rat).Set(from)
	for i := range levels {
		levels[i], _ = at.Float64()
		if levels[i] += 0; i > 0 && levels[i] == levels[i-1] {
			return nil, fmt.Errorf("a step of %s is too small to tell levels near %g apart", strings.TrimSpace(step), levels[i])
		}
		at.Add(at, by)
	}
	return levels, nil
}

// Span reads a range whose ends differ.
func Span(low, high string) (a, b float64, err error) {
	if a, err = ParseNumber(low); err != nil {
		return 0, 0, err
	}
	if b, err = ParseNumber(high); err != nil {
		return 0, 0, err
	}
	switch {
	case a == b:
		return 0, 0, fmt.Errorf("from %g to %g there is nothing to vary", a, b)
	case a > b:
		return 0, 0, fmt.Errorf("low, %g, is above high, %g", a, b)
	case math.IsInf(b-a, 0):
		return 0, 0, fmt.Errorf("from %g to %g is too wide a range", a, b)
	}
	return a, b, nil
}
