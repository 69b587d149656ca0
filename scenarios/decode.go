package scenarios

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"exodus/agents"
	"exodus/agents/field"
	"exodus/scenarios/words"
)

// file is what a scenario file holds. How a field is read follows from its type: a slice of structs with a
// Name is a table of named tables, in the order of the file; another slice is a list.
type file struct {
	Title       string             `toml:"title" doc:"What the scenario is about, in a line."`
	About       string             `toml:"about" doc:"More about it, for readers."`
	Start       time.Time          `toml:"start" date:"yes" required:"true" doc:"The first day of week 0."`
	Weeks       int                `toml:"weeks" title:"length of the run" fixed:"yes" default:"104" min:"1" max:"5200" unit:"weeks" doc:"How long a run is."`
	Focus       string             `toml:"focus" doc:"The event that weeks are counted from, that headlines tell and that a counterfactual undoes. Without it, the one that the facts name, else the first stake after week 0, else the first event."`
	Model       agents.Model       `toml:"model" doc:"How buyers and sellers behave."`
	Uncertainty agents.Uncertainty `toml:"uncertainty" doc:"What chance may vary."`
	Vendors     []agents.Vendor    `toml:"vendors" required:"true" doc:"Who sells."`
	Labs        []agents.Lab       `toml:"labs" required:"true" doc:"Who buys."`
	Owners      []agents.Owner     `toml:"owners" doc:"Who may hold stakes in vendors."`
	Events      []agents.Event     `toml:"events" doc:"What happens, and when."`
	Variants    []Variant          `toml:"variants" doc:"Named sets of changes, each in the structure of the file."`
	Evidence    []Evidence         `toml:"evidence" doc:"Where inputs come from, by the path of an input or of a table of inputs."`
	Facts       []Fact             `toml:"facts" doc:"What a run must show."`
}

// Variant is a named set of changes.
type Variant struct {
	Name  string `toml:"-"`
	Title string `toml:"title" doc:"What is different, in a line."`

	Remove []string `toml:"remove" doc:"What it takes away of the file, by paths such as events.promise."`
}

// Evidence says where an input comes from.
type Evidence struct {
	Path   string    `toml:"-"`
	Kind   string    `toml:"kind" required:"true" enum:"reported,derived,assumed" doc:"Whether it is reported, derived from what is, or assumed."`
	Source string    `toml:"source" doc:"Who reports it, or how it is derived."`
	Date   time.Time `toml:"date" date:"yes" doc:"When it was reported."`
	Note   string    `toml:"note" doc:"What a reader should know."`
}

// decoder reads a tree into structs by their tags, and collects all that is wrong.
type decoder struct {
	file   string
	errors Errors
	about  map[string]bool // the paths that were reported already
	base   *node           // what a variant changes; nil for the file itself

	start   time.Time // from which weeks are counted
	undated bool      // whether the start, the length or a date is wrong, so that nothing follows from the weeks of events
}

func (d *decoder) say(at place, format string, args ...any) {
	e := Error{File: d.file, Line: at.line, Column: at.column, Text: fmt.Sprintf(format, args...)}
	if at.change != "" {
		e = Error{File: at.change, Text: e.Text}
	}
	d.errors = append(d.errors, e)
}

// report says that an input is wrong in itself, so that nothing more need be said of it.
func (d *decoder) report(at place, path, format string, args ...any) {
	d.say(at, format, args...)
	d.reported(path)
}

func (d *decoder) reported(path string) {
	if d.about == nil {
		d.about = map[string]bool{}
	}
	d.about[path] = true
}

// enough says whether so much is wrong that more need not be understood.
func (d *decoder) enough() bool { return len(d.errors) >= 5*mostShown }

// near suggests what a wrong name was meant to be, while that is worth the time.
func (d *decoder) near(name string, known []string) string {
	if d.enough() {
		return ""
	}
	return agents.Nearest(name, known)
}

// structure reads a table into a struct.
func (d *decoder) structure(n *node, path string, into reflect.Value) {
	fields := field.Of(into.Type())
	for i := range fields.All {
		f := &fields.All[i]
		switch stated := n.table.at[f.Name]; {
		case stated != nil:
			d.value(stated, path+f.Name, f, f.In(into))
		case f.Required:
			d.report(n.place, path+f.Name, "%s%s is needed", path, f.Name)
		case f.Kind == field.Table:
			d.structure(&node{table: newTable()}, "", f.In(into))
		default:
			f.SetDefault(into)
		}
	}
	for _, key := range n.table.keys {
		if fields.Named(key) == nil && into.Type() != reflect.TypeFor[Variant]() {
			d.say(n.table.at[key].place, "unknown key %s%s%s", path, key, d.near(key, fields.Names()))
		}
	}
}

// value reads a value into a field of whatever kind.
func (d *decoder) value(n *node, path string, f *field.Field, into reflect.Value) {
	wrong := func(want string) { d.report(n.place, path, "%s: %s is needed, this is %s", path, want, n.describe()) }
	x, isNumber := n.number()
	switch f.Kind {
	case field.Number:
		if !isNumber {
			wrong("a number")
		}
		into.SetFloat(x)
	case field.Whole:
		if !isNumber || float64(int32(x)) != x { // 78.0 is 78
			wrong("a whole number")
			return
		}
		into.SetInt(int64(x))
	case field.Optional:
		if !isNumber {
			wrong("a number")
			return
		}
		into.Set(reflect.ValueOf(&x))
	case field.YesNo:
		yes, ok := n.value.(bool)
		if !ok {
			wrong("true or false")
		}
		into.SetBool(yes)
	case field.Date:
		d.date(n, path, into, wrong)
	case field.Text:
		text, ok := n.value.(string)
		if !ok {
			wrong("text in quotes")
			return
		}
		into.SetString(text)
		if f.Enum != nil && !slices.Contains(f.Enum, text) {
			d.say(n.place, "%s: %q is not known here%s", path, text, d.near(text, f.Enum))
		}
	case field.Numbers:
		d.numbers(n, path, into, wrong)
	case field.List:
		d.list(n, path, f, into, wrong)
	case field.Named:
		d.named(n, path, into, wrong)
	case field.Table:
		if n.table == nil {
			wrong("a table")
			return
		}
		d.structure(n, path+".", into)
	}
}

// date reads a date, or the week that it is in.
func (d *decoder) date(n *node, path string, into reflect.Value, wrong func(string)) {
	x, ok := n.date()
	switch {
	case !ok:
		wrong("a date such as 2025-06-13")
	case x.Year() < 1000:
		d.report(n.place, path, "%s: %s is before the year 1000; a later date is needed", path, x.Format(time.DateOnly))
	case into.Kind() == reflect.Int:
		into.SetInt(int64(weeksBetween(d.start, x)))
	default:
		into.Set(reflect.ValueOf(x))
	}
}

// numbers reads a table of numbers.
func (d *decoder) numbers(n *node, path string, into reflect.Value, wrong func(string)) {
	if n.table == nil {
		wrong("a table of numbers")
		return
	}
	m := map[string]float64{}
	for _, key := range n.table.keys {
		child := n.table.at[key]
		if x, ok := child.number(); ok {
			m[key] = x
		} else {
			d.report(child.place, path, "%s.%s: a number is needed, this is %s", path, key, child.describe())
		}
	}
	into.Set(reflect.ValueOf(m))
}

// named reads a table of named tables, in the order of the file.
func (d *decoder) named(n *node, path string, into reflect.Value, wrong func(string)) {
	if n.table == nil {
		wrong("a table")
		return
	}
	fields := field.Of(into.Type().Elem())
	for _, key := range n.table.keys {
		child := n.table.at[key]
		element := reflect.New(into.Type().Elem()).Elem()
		fields.Name(element).SetString(key)
		if wrong := wrongName(path, key); wrong != "" {
			d.report(child.place, path+"."+key, "%s: the name %q %s", path, key, wrong)
		}
		if child.table == nil {
			d.report(child.place, path+"."+key, "%s.%s: a table is needed, this is %s", path, key, child.describe())
			into.Set(reflect.Append(into, element)) // so that others may name it
			continue
		}
		if missing := d.missing(child, path, key, fields); len(missing) > 0 {
			d.report(child.place, path+"."+key, "there is no %s in %s to change, and a new one needs %s%s", key, path,
				strings.Join(missing, ", "), d.near(key, d.base.table.at[path].keys()))
			continue
		}
		d.structure(child, path+"."+key+".", element)
		into.Set(reflect.Append(into, element))
	}
}

// wrongName says why a thing cannot have a name, or nothing.
func wrongName(table, name string) string {
	switch {
	case strings.TrimSpace(name) == "":
		return "is blank; give another"
	case strings.TrimSpace(name) != name:
		return "begins or ends with a blank; remove it"
	case table != "variants":
	case strings.EqualFold(name, Reference):
		return "is that of the scenario as it is; choose another"
	case strings.HasSuffix(" "+name, Ignorant):
		return fmt.Sprintf("ends in %q, which studies add to names; choose another", Ignorant)
	}
	return ""
}

// missing are the fields that a table lacks which a variant adds: then it was rather meant to change another.
func (d *decoder) missing(n *node, path, key string, fields *field.Fields) (names []string) {
	if d.base == nil || slices.Contains(d.base.table.at[path].keys(), key) {
		return nil
	}
	for i := range fields.All {
		if f := &fields.All[i]; f.Required && n.table.at[f.Name] == nil {
			names = append(names, f.Name)
		}
	}
	return names
}

// keys are those of a table; none where it is no table.
func (n *node) keys() []string {
	if n == nil || n.table == nil {
		return nil
	}
	return n.table.keys
}

// list reads a list of texts or of tables.
func (d *decoder) list(n *node, path string, f *field.Field, into reflect.Value, wrong func(string)) {
	if n.list == nil {
		wrong("a list in [brackets]")
		return
	}
	into.Set(reflect.MakeSlice(f.Type, len(n.list), len(n.list)))
	found, each := len(d.errors), f.Each()
	for i, child := range n.list {
		d.value(child, fmt.Sprintf("%s[%d]", path, i), each, into.Index(i))
	}
	if len(d.errors) > found {
		d.reported(path)
	}
}

// number is the node's value where it is one.
func (n *node) number() (float64, bool) {
	switch x := n.value.(type) {
	case int64:
		return float64(x), true
	case float64:
		return x, true
	}
	return 0, false
}

// date is the node's value where it is one, in quotes or not: other programs that check TOML files tell no difference.
func (n *node) date() (time.Time, bool) {
	if n == nil {
		return time.Time{}, false
	}
	switch x := n.value.(type) {
	case time.Time:
		return x, true
	case string:
		t, err := time.Parse(time.DateOnly, x)
		return t, err == nil
	}
	return time.Time{}, false
}

// describe says what the node is, for messages.
func (n *node) describe() string {
	switch x := n.value.(type) {
	case string:
		return "the text " + words.Quote(words.Ellipsis(x, 40))
	case int64:
		return fmt.Sprintf("the number %d", x)
	case float64:
		return "the number " + strconv.FormatFloat(x, 'f', -1, 64)
	case bool:
		return fmt.Sprint(x)
	case time.Time:
		return "a date"
	case other:
		return string(x)
	}
	if n.table != nil {
		return "a table"
	}
	return "a list"
}
