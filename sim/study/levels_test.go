package study

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Levels are the numbers that a person would type, whatever the step is in binary.
func TestLevels(t *testing.T) {
	for text, want := range map[string]string{
		"0:0.49:0.07":            "0,0.07,0.14,0.21,0.28,0.35,0.42,0.49",
		"0:1:0.1":                "0,0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,1",
		"0:1:0.3":                "0,0.3,0.6,0.9",
		"-0.3:0.3:0.1":           "-0.3,-0.2,-0.1,0,0.1,0.2,0.3",
		"0.3:-0.3:-0.2":          "0.3,0.1,-0.1,-0.3",
		"1e-1 : 5e-1: 0.2e0":     "0.1,0.3,0.5",
		"1e20:3e20:1e20":         "1e20,2e20,3e20",
		"5:5:1":                  "5",
		"5:5:-1":                 "5",
		"1e308:1e308:1":          "1e308",
		"-1e308:1e308:1e308":     "-1e308,0,1e308",
		"-1.7e308:1.7e308:1e308": "-1.7e308,-0.7e308,0.3e308,1.3e308",
		"1e-320:3e-320:1e-320":   "1e-320,2e-320,3e-320",
		".5:1.:.25":              "0.5,0.75,1",
		"+1:+2:+1":               "1,2",
	} {
		part := strings.Split(text, ":")
		got, err := Levels(part[0], part[1], part[2])
		list, err2 := List(want)
		if err != nil || err2 != nil || !slices.Equal(got, list) {
			t.Errorf("%s has the levels %v (%v), want %v (%v)", text, got, err, list, err2)
		}
		for _, x := range got {
			if x == 0 && math.Signbit(x) {
				t.Errorf("%s has a negative zero", text)
			}
		}
	}
	for text, want := range map[string]string{
		"0:1:0":                    "a step of 0 leads nowhere",
		"0:1:-0.1":                 "a step of -0.1 leads away from 1",
		"1:0:0.1":                  "a step of 0.1 leads away from 0",
		"0:1:1e-9":                 "that makes 1e+09 levels; at most 1000000 are possible",
		"0:1e308:1":                "that makes 1e+308 levels; at most 1000000 are possible",
		"-1.7e308:1.7e308:1e-300":  "that makes 3.4e+608 levels; at most 1000000 are possible",
		"1e308:1.1e308:1":          "that makes 1e+307 levels; at most 1000000 are possible",
		"1e16:10000000000000004:1": "a step of 1 is too small to tell levels near 1e+16 apart",
		"0:1:x":                    `"x" is not a number`,
		"0:1:":                     `"" is not a number`,
		"0:inf:1":                  `"inf" is not a number`,
		"nan:1:1":                  `"nan" is not a number`,
		"0:0x1p2:1":                `"0x1p2" is not a number`,
		"0:1_0:1":                  `"1_0" is not a number`,
		"0:1e309:1":                "1e309 is too large a number",
		"0:1:1e-999999999":         "1e-999999999 is too small a number to tell from 0",
	} {
		part := strings.Split(text, ":")
		if got, err := Levels(part[0], part[1], part[2]); err == nil || err.Error() != want {
			t.Errorf("%s has the levels %v (%v), want: %s", text, got, err, want)
		}
	}
	for text, want := range map[string]string{"1,2,1.0": "1.0 is listed twice", "0,-0": "-0 is listed twice", "1,,2": `"" is not a number`, "": `"" is not a number`} {
		if got, err := List(text); err == nil || err.Error() != want {
			t.Errorf("the list %s is %v (%v), want: %s", text, got, err, want)
		}
	}
}

// Whole multiples of a decimal step are read as the decimals that they are.
func TestLevelsOfDecimals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		places := rapid.IntRange(0, 12).Draw(t, "places")
		from, step, n := rapid.Int64Range(-1e6, 1e6).Draw(t, "from"), rapid.Int64Range(1, 1e4).Draw(t, "step"), rapid.Int64Range(0, 300).Draw(t, "n")
		if rapid.Bool().Draw(t, "down") {
			step = -step
		}
		write := func(x int64) string { return fmt.Sprintf("%de-%d", x, places) }
		got, err := Levels(write(from), write(from+n*step), write(step))
		if err != nil {
			t.Fatal(err)
		}
		var typed []string
		for i := range n + 1 {
			typed = append(typed, write(from+i*step))
		}
		want, err := List(strings.Join(typed, ","))
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v (%v)", got, want, err)
		}
	})
}

func TestSpan(t *testing.T) {
	if a, b, err := Span(" 1 ", "1e1"); a != 1 || b != 10 || err != nil {
		t.Error(a, b, err)
	}
	for text, want := range map[string]string{
		"3:3": "from 3 to 3 there is nothing to vary", "4:3": "low, 4, is above high, 3", "nan:1": `"nan" is not a number`,
		"-1.7e308:1.7e308": "from -1.7e+308 to 1.7e+308 is too wide a range",
	} {
		low, high, _ := strings.Cut(text, ":")
		if _, _, err := Span(low, high); err == nil || err.Error() != want {
			t.Errorf("%s gives %v, want %s", text, err, want)
		}
	}
}
