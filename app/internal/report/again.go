package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"exodus/scenarios"
	"exodus/sim/study"
)

// again are the commands that make the report anew, and what else it takes.
func (n *numbers) again() (commands []string, notes []string) {
	name := n.from.Scenario.Name
	if src, err := scenarios.Read(name); !scenarios.IsBuiltin(name) || err != nil || string(src) != n.source() {
		name += ".toml"
		notes = append(notes, "Save the scenario file below as "+name+" first.")
	}
	var words []string
	changes := n.from.Scenario.Changes
	if n.from.Answer != nil {
		words, changes = n.inquire(name), n.from.Answer.Changes
	} else if r := n.from.Receipt; r != nil {
		words = []string{"exodus", "run", name}
		if n.from.Scenario.Variant != "" {
			words = append(words, "--variant", n.from.Scenario.Variant)
		}
		words = append(words, "--seed", strconv.FormatUint(r.Luck.Seed, 10))
		if r.Luck.Run != 0 {
			words = append(words, "--run", strconv.FormatUint(r.Luck.Run, 10))
		}
		words = append(words, "--weeks", strconv.Itoa(n.from.Weeks))
		if len(r.Interventions) > 0 {
			notes = append(notes, "Somebody intervened in the window while it ran, which no command repeats; run.json says how.")
		}
	} else {
		words, notes = n.batch(name, notes)
	}
	for _, c := range changes {
		words = append(words, "--set", c)
	}
	words = append(words, "--out", "results")
	for i, w := range words {
		words[i] = quoted(w)
	}
	return []string{strings.Join(words, " "), "exodus report results"}, notes
}

// source is the scenario file that was given, whole.
func (n *numbers) source() string {
	if n.from.Answer != nil {
		return n.from.Answer.Source
	}
	return string(n.from.Scenario.Source)
}

func (n *numbers) batch(name string, notes []string) ([]string, []string) {
	head := n.from.Head
	p := head.Plan
	words := []string{"exodus", "batch", name}
	var variants []string
	for _, v := range p.Variants {
		if !strings.HasSuffix(v, scenarios.Ignorant) && v != head.Against {
			variants = append(variants, v)
		}
	}
	if !slices.Equal(variants, []string{scenarios.Reference}) && len(variants) > 0 {
		words = append(words, "--variant", strings.Join(variants, ","))
	}
	if head.Against != "" {
		words = append(words, "--against", head.Against)
	}
	words = append(words, "--runs", strconv.Itoa(p.Runs), "--seed", strconv.FormatUint(p.Seed, 10))
	if len(p.Variants) > 1 && strings.HasSuffix(p.Variants[len(p.Variants)-1], scenarios.Ignorant) {
		words = append(words, "--uncertainty", "both")
	}
	if head.Full {
		words = append(words, "--full")
	}
	if len(p.Params) > 0 {
		if levels, ok := gridOf(p); ok {
			for k, name := range p.Params {
				values := make([]string, len(levels[k]))
				for i, x := range levels[k] {
					values[i] = strconv.FormatFloat(x, 'g', -1, 64)
				}
				words = append(words, "--sweep", name+"="+strings.Join(values, ","))
			}
		} else {
			words = append(words, "--design", "points.csv")
			notes = append(notes, fmt.Sprintf("Save the %s of the plan in study.json as points.csv first, with %s as its header.", count(len(p.Points), "point"), list(p.Params)))
		}
	}
	return words, notes
}

// gridOf finds the levels of a design that is a grid.
func gridOf(p *study.Plan) (levels [][]float64, ok bool) {
	params := make([]study.Param, len(p.Params))
	for k, name := range p.Params {
		params[k].Name = name
		for _, point := range p.Points {
			if !slices.Contains(params[k].Levels, point[k]) {
				params[k].Levels = append(params[k].Levels, point[k])
			}
		}
		levels = append(levels, params[k].Levels)
	}
	size := 1.0
	for _, l := range levels {
		size *= float64(len(l))
	}
	return levels, size == float64(len(p.Points)) && slices.EqualFunc(study.Grid(params), p.Points, slices.Equal[[]float64])
}

// quoted writes a word as a shell takes it.
func quoted(word string) string {
	if word != "" && !strings.ContainsFunc(word, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_=.,:/+@%", c))
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
