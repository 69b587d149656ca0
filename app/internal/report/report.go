// Package report writes what results say as one HTML file that anyone can open: without the program, without a
// network, without a script.
//
// [Write] computes the answer, with its intervals, from the results; draws the figures into the page; says where each
// input comes from; and describes the method in the words of the model's own source and schema. The same results give the same
// bytes.
package report

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"html/template"

	"exodus/app/internal/figure"
	"exodus/app/internal/store"
)

//go:embed page.html
var pageText string

//go:embed page.css
var style string

// Name is the file that a report is written to in a directory of results.
const Name = "report.html"

// Generator is what a file of this package says that it was made by, near its start.
const Generator = `<meta name="generator" content="exodus`

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"symbol": func(text string) template.HTML { return template.HTML(typeset(template.HTMLEscapeString(text))) },
}).Parse(pageText))

// view is what the page shows.
type view struct {
	Title, Version, MadeBy, Digest string
	Style                          template.CSS

	Partial       string
	Asked, Answer []string
	Shares, Gains table
	Variants      table
	Figures       []drawing
	Scorecard     []fact
	FactRuns      int
	Unscored      string
	Facts         *drawing
	Price         price
	Tally         string
	Inputs        []table
	Sources       table
	Sensitivity   *drawing
	Inquiry       *inquiry
	Method        *method
	Events        table
	Commands      []string
	Notes         []string
	Source        string
}

// Write returns the report of results, as an HTML file. It marks a study that is not done. It fails on
// results that cannot be drawn. It tells steps, if there are any, what it is about to do.
func Write(ctx context.Context, from *store.Results, steps ...func(string)) ([]byte, error) {
	step := func(what string) {
		for _, tell := range steps {
			tell(what)
		}
	}
	var kinds []string
	for _, k := range figure.Kinds {
		kinds = append(kinds, k.Name)
	}
	step("running the market again, to score its facts and to compare")
	n, err := read(ctx, from, kinds)
	if err != nil {
		return nil, err
	}
	v := &view{
		Title: n.title(), Version: store.Version(), MadeBy: from.Version, Digest: from.Digest,
		Partial: n.partial(), Asked: n.asked(), Answer: n.answer(), Shares: n.shares(), Gains: n.gains(), Variants: n.variants(),
		Scorecard: n.scorecard(), FactRuns: n.shown.ScoreRuns, Unscored: n.unscored, Price: n.price(),
		Tally: n.tally(), Inputs: n.inputs(), Sources: n.sources(), Events: n.events(), Inquiry: n.inquired(), Source: n.source(), Method: describe(),
	}
	v.Commands, v.Notes = n.again()
	colours := &shades{}
	for _, kind := range kinds {
		step("drawing " + kind)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d, ok, err := n.draw(kind, colours)
		if err != nil {
			return nil, err
		}
		switch {
		case !ok:
		case kind == "facts":
			v.Facts = &d
		case kind == "sensitivity":
			v.Sensitivity = &d
		default:
			v.Figures = append(v.Figures, d)
		}
	}
	v.Style = template.CSS(":root{" + colours.css(0) + "}\n@media screen and (prefers-color-scheme:dark){:root{" + colours.css(1) + "}}\n" + style)
	var out bytes.Buffer
	if err := page.Execute(&out, v); err != nil {
		return nil, fmt.Errorf("write the report: %w", err)
	}
	return out.Bytes(), nil
}
