package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"exodus/agents"
	"exodus/agents/field"
	"exodus/scenarios"
	"exodus/scenarios/words"
)

// table is one of the report. A table without rows is left out.
type table struct {
	Caption string
	Head    []string
	Rows    []row
	More    int  // rows that are left out
	Prose   bool // whether its cells are sentences, which a narrow window shows below one another
}

type row struct{ Cells []cell }

// cell is one of a table; the first of a row is its head.
type cell struct {
	Text  string
	Class string // n of numbers; reported, derived or assumed of inputs
	Mark  string // said beside the text, of inputs
}

// mostRows is how many rows of a table are worth printing.
const mostRows = 100

// known is where an input comes from.
type known struct {
	kind, source, date, note string
}

// known says where an input comes from. One that a variant or a change made other than the file has it is assumed,
// even if the evidence of the file's is known, unless the variant itself says where its own comes from.
func (n *numbers) known(in scenarios.Input) known {
	e, found := n.s.Known(in.Keys)
	old, had := n.stated[in.Path]
	if was, known := n.file.Known(in.Keys); had && old.Value != in.Value && (!known || was == e) {
		text := "was " + n.value(old)
		if known && was.Kind != "" {
			text += ", " + was.Kind
		}
		return because("yours", "("+text+")")
	}
	if !found {
		if !in.Stated {
			return because("assumed", "the default")
		}
		return because("assumed", "")
	}
	k := known{kind: e.Kind}
	if e.Path != in.Path { // of a table of inputs, told once for all of them
		return k
	}
	k.source, k.note = e.Source, e.Note
	if !e.Date.IsZero() {
		k.date = day(e.Date)
	}
	return k
}

func because(kind, note string) known { return known{kind: kind, note: note} }

// value writes an input with its unit.
func (n *numbers) value(in scenarios.Input) string {
	switch {
	case in.Kind == field.YesNo && in.Value != 0:
		return "yes"
	case in.Kind == field.YesNo:
		return "no"
	case strings.HasPrefix(in.Unit, "USD M"):
		return words.StatedMoney(in.Value) + strings.TrimPrefix(in.Unit, "USD M")
	}
	text := number(in.Value)
	if in.Unit != "" {
		text += " " + in.Unit
	}
	return text
}

func number(x float64) string {
	switch size := math.Abs(x); {
	case x != 0 && size < 1e-4 || size >= 1e15:
		return strconv.FormatFloat(x, 'g', 4, 64)
	case size >= 1000 && x == math.Trunc(x):
		return count(int(x), "")
	}
	return strings.Replace(strconv.FormatFloat(x, 'f', -1, 64), "-", "−", 1)
}

// inputs are the tables of all inputs of the results.
func (n *numbers) inputs() []table {
	groups := []struct {
		prefix, caption string
		quiet           bool // whether what is left at its default says nothing
	}{
		{"events", "What happens", false},
		{"model", "Behaviour", false},
		{"uncertainty", "What chance varies", false},
		{"vendors", "Vendors at the start", true},
	}
	all := n.s.Inputs()
	var tables []table
	for _, g := range groups {
		t := table{Caption: g.caption, Head: []string{"Input", "Value", "Evidence", "Meaning"}, Prose: true}
		for _, in := range all {
			if in.Keys[0] != g.prefix || g.quiet && !in.Stated {
				continue
			}
			if g.prefix == "events" && !in.Stated && in.Value == 0 {
				continue
			}
			k := n.known(in)
			doc := in.Doc
			if g.prefix == "model" {
				doc = fmt.Sprintf("%s Plausibly %s to %s.", doc, number(in.Low), number(in.High))
			}
			t.Rows = append(t.Rows, row{[]cell{{Text: strings.ReplaceAll(strings.Join(in.Keys[1:], " "), "_", " ")}, {Text: n.value(in), Class: "n " + k.kind}, {Text: k.tell(), Class: k.kind}, {Text: doc}}})
		}
		tables = append(tables, t.cut())
	}
	return append(tables, n.labs(all)...)
}

func (k known) tell() string {
	text := k.kind
	if k.kind == "yours" {
		return text + " " + k.note
	}
	for _, more := range []string{k.source, k.date, k.note} {
		if more != "" {
			text += ", " + more
		}
	}
	return text
}

// marks of inputs in tables that have no room for more.
var marks = map[string]string{"reported": "R", "derived": "D", "assumed": "A", "yours": "Y"}

// labs are two tables, with a line for each lab: what it is like, and what it spends at the start.
func (n *numbers) labs(all []scenarios.Input) []table {
	about := table{Caption: "Labs: what they are like", Head: []string{"Lab"}}
	spend := table{Caption: "Labs: spend a year at the start, in USD million", Head: []string{"Lab"}}
	lines := map[string]map[string]cell{} // by lab and column
	used := map[string]bool{}
	var columns []string
	for _, in := range all {
		if in.Keys[0] != "labs" {
			continue
		}
		column := strings.ReplaceAll(strings.Join(in.Keys[2:], " "), "_", " ")
		k := n.known(in)
		if lines[in.Keys[1]] == nil {
			lines[in.Keys[1]] = map[string]cell{}
		}
		lines[in.Keys[1]][column] = cell{Text: number(in.Value), Class: "n " + k.kind, Mark: marks[k.kind]}
		if !in.Stated && in.Value == 0 {
			lines[in.Keys[1]][column] = cell{Text: "–", Class: "n"}
		}
		if !slices.Contains(columns, column) {
			columns = append(columns, column)
		}
		used[column] = used[column] || in.Stated
	}
	columns = slices.DeleteFunc(columns, func(c string) bool { return !used[c] })
	for _, c := range columns {
		if name, ok := strings.CutPrefix(c, "spend "); ok {
			spend.Head = append(spend.Head, name)
		} else {
			about.Head = append(about.Head, c)
		}
	}
	caption := spend.Caption
	if left := len(spend.Head) - 1 - mostVendors; left > 0 {
		spend.Head = spend.Head[:1+mostVendors]
		caption += fmt.Sprintf(" (%s in the scenario file only)", count(left, "other vendor"))
	}
	spend.Caption = caption
	for _, lab := range n.s.Spec.Labs {
		one, two := row{[]cell{{Text: lab.Name}}}, row{[]cell{{Text: lab.Name}}}
		for _, c := range columns {
			if strings.HasPrefix(c, "spend ") && len(two.Cells) > mostVendors {
				continue
			}
			if strings.HasPrefix(c, "spend ") {
				two.Cells = append(two.Cells, lines[lab.Name][c])
			} else {
				one.Cells = append(one.Cells, lines[lab.Name][c])
			}
		}
		about.Rows, spend.Rows = append(about.Rows, one), append(spend.Rows, two)
	}
	return []table{about.cut(), spend.cut()}
}

// cellOf is the cell of an interval.
func cellOf(i interval, write func(float64) string) cell {
	return cell{Text: tight(i.text(write)), Class: "n"}
}

// tight keeps a number with its unit, and the ends of an interval together, where a line breaks.
func tight(text string) string {
	return strings.NewReplacer("USD ", "USD\u00a0", " to ", "\u00a0to\u00a0", "≤ ", "≤\u00a0", "≥ ", "≥\u00a0", "< ", "<\u00a0", "> ", ">\u00a0").Replace(text)
}

func (t table) cut() table {
	if len(t.Rows) > mostRows {
		t.More = len(t.Rows) - mostRows
		t.Rows = t.Rows[:mostRows]
	}
	return t
}

// sources are what the scenario says about where its inputs come from.
func (n *numbers) sources() table {
	t := table{Caption: "Where the inputs come from", Head: []string{"Input", "Evidence", "Source", "Date", "Note"}, Prose: true}
	order := map[string]int{"reported": 0, "derived": 1, "assumed": 2}
	all := slices.Clone(n.s.Evidence)
	slices.SortStableFunc(all, func(a, b scenarios.Evidence) int { return order[a.Kind] - order[b.Kind] })
	for _, e := range all {
		date := ""
		if !e.Date.IsZero() {
			date = day(e.Date)
		}
		t.Rows = append(t.Rows, row{[]cell{{Text: e.Path}, {Text: e.Kind, Class: e.Kind}, {Text: e.Source}, {Text: date, Class: "date"}, {Text: e.Note}}})
	}
	return t.cut()
}

// tally counts the inputs that these results come from, by their evidence.
func (n *numbers) tally() string {
	counts := map[string]int{}
	for _, in := range n.s.Inputs() {
		if in.Stated && in.Keys[0] != "weeks" {
			counts[n.known(in).kind]++
		}
	}
	verb := "are"
	if counts["reported"] == 1 {
		verb = "is"
	}
	text := fmt.Sprintf("Of the %s that the scenario states, %d %s reported, %d derived from reported ones, and %d assumed",
		count(counts["reported"]+counts["derived"]+counts["assumed"]+counts["yours"], "number"), counts["reported"], verb, counts["derived"], counts["assumed"])
	if yours := counts["yours"]; yours > 0 {
		text += fmt.Sprintf("; %d were changed for these results and are marked Y", yours)
	}
	return text + ". Assumptions are shaded and marked A; R is reported, D derived."
}

// events are what happens, in the order of time.
func (n *numbers) events() table {
	t := table{Caption: "What is fed into the runs", Head: []string{"Date", "Event"}, Prose: true}
	all := slices.Clone(n.s.Spec.Events)
	slices.SortStableFunc(all, func(a, b agents.Event) int { return a.Week - b.Week })
	for i := range all {
		t.Rows = append(t.Rows, row{[]cell{{Text: day(n.s.DateOf(&all[i]))}, {Text: all[i].Tell()}}})
	}
	return t.cut()
}

// day writes a date as people do.
func day(t time.Time) string { return words.LongDate(t) }
