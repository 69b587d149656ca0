package figure

import (
	"fmt"
	"strings"

	"exodus/agents"
	"exodus/scenarios/words"
)

// Kind is a kind of figure.
type Kind struct {
	Name, Doc string
	Draw      func(Results, Options) (*Figure, error)
}

// Lacking is the error of results that do not have what a kind is drawn from.
type Lacking struct{ text string }

func (l *Lacking) Error() string { return l.text }

func lacking(format string, args ...any) error { return &Lacking{fmt.Sprintf(format, args...)} }

// Kinds are all that can be drawn.
var Kinds = []Kind{
	{"share", "each vendor's share of the market over time, with bands or as stacked areas", Share},
	{"spend", "what each lab spends with a vendor over time", Spend},
	{"revenue", "what each vendor sells over time, with bands", Revenue},
	{"gain", "what each vendor gains over another variant with the same random numbers, with bands", Gain},
	{"trust", "how much each lab trusts each vendor in a week, as a heat map", Trust},
	{"premium", "how much dearer a vendor feels to each lab than it is, over time; of a week, every vendor, as a heat map", Premium},
	{"flows", "who moved work from whom to whom since the deal, as an alluvial diagram", Flows},
	{"capacity", "capacities and prices of vendors over time, with bands", Capacity},
	{"timeline", "what happened, and what each lab and vendor did about it", Timeline},
	{"facts", "the scorecard: what the scenario must show, as intervals against bounds", Facts},
	{"sweep", "market share over one or two inputs that a study varies", Sweep},
	{"sensitivity", "which inputs a result depends on, as bars with intervals; random variation apart", SensitivityOf},
}

// KindOf finds a kind by its name.
func KindOf(name string) (Kind, error) {
	var names []string
	for _, k := range Kinds {
		if k.Name == name {
			return k, nil
		}
		names = append(names, k.Name)
	}
	return Kind{}, fmt.Errorf("there is no figure %q%s", name, agents.Nearest(name, names))
}

// Draw draws a figure of results by the name of its kind.
func Draw(kind string, r Results, o Options) (*Figure, error) {
	k, err := KindOf(strings.TrimSpace(kind))
	if err != nil {
		return nil, err
	}
	if err := r.check(o); err != nil {
		return nil, err
	}
	until := ""
	if o.Until >= 1 && o.Until < r.weeks() {
		until = " · until " + words.Date(r.Scenario.Date(o.Until))
		r = r.until(o.Until)
	}
	f, err := k.Draw(r, o)
	if err != nil {
		return nil, err
	}
	f.Under += until
	if b, ok := f.body.(interface{ infinite() bool }); ok && b.infinite() {
		f.Mark = strings.TrimPrefix(f.Mark+". Infinite values are not drawn", ". ")
	}
	return f, nil
}
