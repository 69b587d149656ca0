package report

import (
	"fmt"
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/token"
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
	Purpose, Entities, Process, Concepts, Start, Equations, Computed, Sources template.HTML

	Kinds      []kind // of agents and events, with what each is stated by
	Parameters table
}

// kind is a kind of agent, or of what happens to them.
type kind struct {
	Name, Doc string
	Fields    table
}

// readMethod reads the description of the model in its own source.
func readMethod() (*method, error) {
	src, err := agents.Source.ReadFile("doc.go")
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", src, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		return nil, err
	}
	m := &method{}
	sections := map[string]*template.HTML{
		"": &m.Purpose, "A week": &m.Process, "Equations": &m.Equations, "Initialization": &m.Start,
		"Design concepts": &m.Concepts, "How it is computed": &m.Computed, "Sources": &m.Sources,
	}
	if err := sectionsOf(file.Doc.Text(), sections); err != nil {
		return nil, err
	}
	m.Parameters = fieldTable("Parameters of behaviour", reflect.TypeFor[agents.Model]())
	texts, err := typeTexts()
	if err != nil {
		return nil, err
	}
	for _, k := range []struct {
		name string
		of   reflect.Type
	}{
		{"Lab", reflect.TypeFor[agents.Lab]()}, {"Vendor", reflect.TypeFor[agents.Vendor]()}, {"Owner", reflect.TypeFor[agents.Owner]()},
		{"Event", reflect.TypeFor[agents.Event]()}, {"Uncertainty", reflect.TypeFor[agents.Uncertainty]()},
	} {
		text := texts[k.name]
		if article := map[string]string{"Lab": "A lab", "Vendor": "A vendor", "Owner": "An owner", "Event": "An event"}[k.name]; article != "" {
			text = article + strings.TrimPrefix(text, k.name) // as prose, where Go has the name alone
		}
		m.Kinds = append(m.Kinds, kind{k.name, text, fieldTable("Inputs of "+strings.ToLower(k.name), k.of)})
	}
	return m, nil
}

// sectionsOf writes the sections of a comment as HTML, by their headings. Every one that is asked for is there.
func sectionsOf(text string, into map[string]*template.HTML) error {
	p := &comment.Parser{LookupSym: func(string, string) bool { return true }}
	printer := &comment.Printer{DocLinkURL: func(*comment.DocLink) string { return "" }}
	heading, blocks := "", map[string][]comment.Block{}
	for _, b := range p.Parse(text).Content {
		if h, ok := b.(*comment.Heading); ok {
			heading = plainText(h.Text)
			continue
		}
		if p, ok := b.(*comment.Paragraph); ok && heading == "" && len(blocks[""]) == 0 {
			if first, ok := p.Text[0].(comment.Plain); ok {
				p.Text[0] = comment.Plain(strings.Replace(string(first), "Package agents is the market", "The model is a market", 1))
			}
		} else if heading == "" { // how the package is used
			continue
		}
		blocks[heading] = append(blocks[heading], b)
	}
	for heading, to := range into {
		if len(blocks[heading]) == 0 {
			return fmt.Errorf("the model's description has no section %q", heading)
		}
		*to = template.HTML(typeset(string(printer.HTML(&comment.Doc{Content: blocks[heading]}))))
	}
	return nil
}

func plainText(text []comment.Text) string {
	var b strings.Builder
	for _, t := range text {
		if plain, ok := t.(comment.Plain); ok {
			b.WriteString(string(plain))
		}
	}
	return b.String()
}

// typeTexts are the comments of the types of agents/spec.go.
func typeTexts() (map[string]string, error) {
	src, err := agents.Source.ReadFile("spec.go")
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), "spec.go", src, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE && len(g.Specs) == 1 {
			texts[g.Specs[0].(*ast.TypeSpec).Name.Name] = strings.Replace(strings.Join(strings.Fields(g.Doc.Text()), " "), "; see Kinds", "", 1)
		}
	}
	return texts, nil
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
