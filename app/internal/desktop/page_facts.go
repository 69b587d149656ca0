package desktop

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"exodus/app/internal/session"
	"exodus/scenarios/words"
)

// factsPage is the scorecard, which turns as a lever is dragged.
type factsPage struct {
	root  fyne.CanvasObject
	chart *chart
	said  *widget.Label
}

func newFactsPage(*Window) *factsPage {
	p := &factsPage{chart: newChart(nil, nil), said: widget.NewLabel("")}
	p.said.SizeName, p.said.Wrapping = theme.SizeNameCaptionText, fyne.TextWrapWord
	p.root = container.NewBorder(nil, p.said, nil, nil, p.chart)
	return p
}

func (p *factsPage) object() fyne.CanvasObject { return p.root }

func (p *factsPage) saving(*session.Snapshot) saving { return saving{kind: "facts"} }

func (p *factsPage) of(snap *session.Snapshot) string {
	if len(snap.Facts) == 0 {
		return ""
	}
	return "Facts: median of " + words.Counted(snap.FactRuns, "run")
}

func (p *factsPage) refresh(snap *session.Snapshot) {
	text := "A fact holds if the median of the runs (the dot) lies in the shaded range; the line is the 90% interval. "
	switch {
	case len(snap.World.Scenario.Facts) == 0:
		text = ""
	case snap.Interventions != nil:
		text += "Changes made mid-run are included. "
	}
	var sources []string
	for _, f := range snap.World.Scenario.Facts {
		if f.Source != "" && !slices.Contains(sources, f.Source) {
			sources = append(sources, f.Source)
		}
	}
	if len(sources) > 0 {
		text += "Sources: " + strings.Join(sources, "; ") + "."
	}
	setText(p.said, text)
	p.chart.show(p.saving(snap).drawing(snap))
}
