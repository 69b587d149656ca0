package report

import (
	"html/template"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"exodus/agents"
	"exodus/agents/field"
)

// method is how the numbers came about: what the model's source says about itself, under the headings of the ODD
// protocol, and a table of all that it takes.
type method struct {
	Sections   map[string]template.HTML // by their headings in the source: see method_text.go
	Kinds      []kind                   // of agents and events, with what each is stated by
	Parameters table
}

// kind is a kind of agent, or of what happens to them.
type kind struct {
	Name, Doc string
	Fields    table
}

func describe() *method {
	m := &method{Sections: sections, Parameters: fieldTable("Parameters of behaviour", reflect.TypeFor[agents.Model]())}
	for _, of := range []reflect.Type{
		reflect.TypeFor[agents.Lab](), reflect.TypeFor[agents.Vendor](), reflect.TypeFor[agents.Owner](),
		reflect.TypeFor[agents.Event](), reflect.TypeFor[agents.Uncertainty](),
	} {
		m.Kinds = append(m.Kinds, kind{of.Name(), types[of.Name()], fieldTable("Inputs of "+strings.ToLower(of.Name()), of)})
	}
	return m
}

// fieldTable lists the fields of a struct of the schema.
func fieldTable(caption string, t reflect.Type) table {
	out := table{Caption: caption, Head: []string{"Name", "Symbol", "Unit", "Default", "Plausible", "Meaning"}, Prose: true}
	var rows [][]cell
	for _, f := range field.Of(t).All {
		value, plausible := printed(f.Default), ""
		if f.Plausible {
			plausible = number(f.Low) + " to " + number(f.High)
		}
		if f.Required {
			value = "must be stated"
		}
		rows = append(rows, []cell{{Text: strings.ReplaceAll(f.Name, "_", " ")}, {Text: f.Symbol, Class: "symbol"}, {Text: f.Unit}, {Text: value, Class: "n"}, {Text: plausible, Class: "n"}, {Text: f.Doc}})
	}
	// An empty column is left out.
	for column := len(out.Head) - 1; column > 0; column-- {
		if !slices.ContainsFunc(rows, func(r []cell) bool { return r[column].Text != "" }) {
			out.Head = slices.Delete(out.Head, column, column+1)
			for i := range rows {
				rows[i] = slices.Delete(rows[i], column, column+1)
			}
		}
	}
	for _, r := range rows {
		out.Rows = append(out.Rows, row{r})
	}
	return out
}

// printed writes a value of the schema as print does.
func printed(text string) string {
	if x, err := strconv.ParseFloat(text, 64); err == nil {
		return number(x)
	}
	return strings.NewReplacer("false", "no", "true", "yes").Replace(text)
}

var greek = map[string]string{
	"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "eta": "η", "kappa": "κ", "nu": "ν", "xi": "ξ", "rho": "ρ", "phi": "φ",
	"chi": "χ", "psi": "ψ", "omega": "ω", "tau": "τ", "sum": "Σ", "prod": "Π", "Shat": "Ŝ", "p~": "p̃", "w*": "w*",
}

// symbol is a letter, or its name, with what stands below it.
var symbol = regexp.MustCompile(`\b(alpha|beta|gamma|delta|eta|kappa|nu|xi|rho|phi|chi|psi|omega|tau|sum|prod|Shat|S0|[A-Za-z][~*]|[A-Za-z]|kept|base|pull|place|fill|target|requested|left)(_([A-Za-z]+))?(\b|[^A-Za-z_])`)

// signs are those that print has, and words that a reader has.
var signs = strings.NewReplacer("&lt;=", "≤", " - ", " − ", "(-", "(−", "^-", "^−", "of the Spec", "of the scenario")

// gaps align equations in a source, and nothing once their letters are set.
var gaps = regexp.MustCompile(` +(\*?\+?= )`)

// typeset writes the plain text of equations as print does: Greek letters, and what stands below a letter below it.
func typeset(html string) string {
	html = gaps.ReplaceAllString(signs.Replace(html), " $1")
	return symbol.ReplaceAllStringFunc(html, func(text string) string {
		m := symbol.FindStringSubmatch(text)
		name, below, rest := m[1], m[3], m[4]
		if below == "" && greek[name] == "" || below == "" && (name == "sum" || name == "w*") {
			return text
		}
		if greek[name] != "" {
			name = greek[name]
		}
		if below == "" {
			return name + rest
		}
		return name + "<sub>" + below + "</sub>" + rest
	})
}
