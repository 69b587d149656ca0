package scenarios

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"exodus/agents"
	"exodus/scenarios/words"
)

// file is what a scenario file holds. How a field is read follows from its type: a slice of structs with a
// Name is a table of named tables, in the order of the file; another slice is a list.
type file struct {
	Title       string             `toml:"title" doc:"What the scenario is about, in a line."`
	About       string             `toml:"about" doc:"More about it, for readers."`
	Start       time.Time          `toml:"start" required:"true" doc:"The first day of week 0."`
	Weeks       int                `toml:"weeks" default:"104" min:"1" max:"5200" unit:"weeks" doc:"How long a run is."`
	Focus       string             `toml:"focus" doc:"The event that weeks are counted from, that headlines tell and that a counterfactual undoes. Without it, the one that the facts name, else the first stake after week 0, else the first event."`
	Model       agents.Model       `toml:"model" doc:"How buyers and sellers behave."`
	Uncertainty agents.Uncertainty `toml:"uncertainty" doc:"What chance may vary."`
	Vendors     []agents.Vendor    `toml:"vendors" required:"true" doc:"Who sells."`
	Labs        []agents.Lab       `toml:"labs" required:"true" doc:"Who buys."`
	Owners      []agents.Owner     `toml:"owners" doc:"Who may hold stakes in vendors."`
	Events      []event            `toml:"events" doc:"What happens, and when."`
	Variants    []Variant          `toml:"variants" doc:"Named sets of changes, each in the structure of the file."`
	Evidence    []Evidence         `toml:"evidence" doc:"Where inputs come from, by the path of an input or of a table of inputs."`
	Facts       []Fact             `toml:"facts" doc:"What a run must show."`
}

// event is an agents.Event with its date.
type event struct {
	Date time.Time `toml:"date" required:"true" doc:"The day on which it happens; it acts from the start of its week."`
	agents.Event
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
	Date   time.Time `toml:"date" doc:"When it was reported."`
	Note   string    `toml:"note" doc:"What a reader should know."`
}

// decoder reads a tree into structs by their tags, and collects all that is wrong.
type decoder struct {
	file   string
	errors Errors
	about  map[string]bool // the paths that were reported already
	base   *node           // what a variant changes; nil for the file itself

	undated bool // whether the start, the length or a date is wrong, so that nothing follows from the weeks of events
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

// field is a field of a struct that a file may state.
type field struct {
	name string
	tag  reflect.StructTag
	at   []int // index path, through embedded structs
	typ  reflect.Type
}

// layout is what a table of a file may have: the fields of a struct in order, and which field holds the key that the
// table has itself, if any does.
type layout struct {
	fields []field
	name   string
}

// layouts keeps what layoutOf found, by type: a file may have thousands of tables.
var layouts sync.Map

func layoutOf(t reflect.Type) layout {
	if known, ok := layouts.Load(t); ok {
		return known.(layout)
	}
	var l layout
	for _, f := range reflect.VisibleFields(t) {
		switch name := f.Tag.Get("toml"); {
		case name == "-" && f.Type.Kind() == reflect.String && l.name == "":
			l.name = f.Name
		case name != "" && name != "-":
			l.fields = append(l.fields, field{name, f.Tag, f.Index, f.Type})
		}
	}
	layouts.Store(t, l)
	return l
}

func fieldsOf(t reflect.Type) []field { return layoutOf(t).fields }

func (f *field) required() bool { return f.tag.Get("required") != "" }

var typeOfTime = reflect.TypeFor[time.Time]()

// isNamed says whether a type is a table of named tables.
func isNamed(t reflect.Type) bool {
	if t.Kind() != reflect.Slice || t.Elem().Kind() != reflect.Struct {
		return false
	}
	return nameField(t.Elem()) != ""
}

func nameField(t reflect.Type) string { return layoutOf(t).name }

// structure reads a table into a struct.
func (d *decoder) structure(n *node, path string, into reflect.Value) {
	fields := fieldsOf(into.Type())
	var names []string
	for i := range fields {
		f := &fields[i]
		names = append(names, f.name)
		value := into.FieldByIndex(f.at)
		if n.table.at[f.name] == nil {
			if f.required() {
				d.report(n.place, path+f.name, "%s%s is needed", path, f.name)
			}
			d.fallback(f, value)
			continue
		}
		d.value(n.table.at[f.name], path+f.name, f, value)
	}
	for _, key := range n.table.keys {
		if !slices.Contains(names, key) && into.Type() != reflect.TypeFor[Variant]() {
			d.say(n.table.at[key].place, "unknown key %s%s%s", path, key, d.near(key, names))
		}
	}
}

// fallback is what holds where nothing is stated.
func (d *decoder) fallback(f *field, value reflect.Value) {
	switch text := f.tag.Get("default"); {
	case f.typ.Kind() == reflect.Struct && f.typ != typeOfTime:
		d.structure(&node{table: newTable()}, "", value)
	case text == "":
	case f.typ.Kind() == reflect.Float64:
		x, _ := strconv.ParseFloat(text, 64)
		value.SetFloat(x)
	case f.typ.Kind() == reflect.Int:
		x, _ := strconv.Atoi(text)
		value.SetInt(int64(x))
	case f.typ.Kind() == reflect.Bool:
		value.SetBool(text == "true")
	}
}

// value reads a value into a field of whatever type.
func (d *decoder) value(n *node, path string, f *field, into reflect.Value) {
	wrong := func(want string) { d.report(n.place, path, "%s: %s is needed, this is %s", path, want, n.describe()) }
	switch {
	case f.typ == typeOfTime:
		x, ok := n.date()
		switch {
		case !ok:
			wrong("a date such as 2025-06-13")
		case x.Year() < 1000:
			d.report(n.place, path, "%s: %s is before the year 1000; a later date is needed", path, x.Format(time.DateOnly))
		default:
			into.Set(reflect.ValueOf(x))
		}
	case f.typ.Kind() == reflect.String:
		x, ok := n.value.(string)
		if !ok {
			wrong("text in quotes")
			return
		}
		into.SetString(x)
		if enum := f.tag.Get("enum"); enum != "" && !slices.Contains(strings.Split(enum, ","), x) {
			d.say(n.place, "%s: %q is not known here%s", path, x, d.near(x, strings.Split(enum, ",")))
		}
	case f.typ.Kind() == reflect.Bool:
		if x, ok := n.value.(bool); ok {
			into.SetBool(x)
		} else {
			wrong("true or false")
		}
	case f.typ.Kind() == reflect.Int:
		if x, ok := n.number(); ok && float64(int32(x)) == x { // 78.0 is 78
			into.SetInt(int64(x))
		} else {
			wrong("a whole number")
		}
	case f.typ.Kind() == reflect.Float64:
		if x, ok := n.number(); ok {
			into.SetFloat(x)
		} else {
			wrong("a number")
		}
	case f.typ.Kind() == reflect.Pointer: // a number that may be absent
		if x, ok := n.number(); ok {
			into.Set(reflect.ValueOf(&x))
		} else {
			wrong("a number")
		}
	case f.typ.Kind() == reflect.Map:
		d.numbers(n, path, into, wrong)
	case f.typ.Kind() == reflect.Struct:
		if n.table == nil {
			wrong("a table")
			return
		}
		d.structure(n, path+".", into)
	case isNamed(f.typ):
		d.named(n, path, into, wrong)
	case f.typ.Kind() == reflect.Slice:
		d.list(n, path, f, into, wrong)
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
	name := nameField(into.Type().Elem())
	for _, key := range n.table.keys {
		child := n.table.at[key]
		element := reflect.New(into.Type().Elem()).Elem()
		element.FieldByName(name).SetString(key)
		if wrong := wrongName(path, key); wrong != "" {
			d.report(child.place, path+"."+key, "%s: the name %q %s", path, key, wrong)
		}
		if child.table == nil {
			d.report(child.place, path+"."+key, "%s.%s: a table is needed, this is %s", path, key, child.describe())
			into.Set(reflect.Append(into, element)) // so that others may name it
			continue
		}
		if missing := d.missing(child, path, key, element.Type()); len(missing) > 0 {
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
func (d *decoder) missing(n *node, path, key string, t reflect.Type) (names []string) {
	if d.base == nil || slices.Contains(d.base.table.at[path].keys(), key) {
		return nil
	}
	for _, f := range fieldsOf(t) {
		if f.required() && n.table.at[f.name] == nil {
			names = append(names, f.name)
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
func (d *decoder) list(n *node, path string, f *field, into reflect.Value, wrong func(string)) {
	if n.list == nil {
		wrong("a list in [brackets]")
		return
	}
	into.Set(reflect.MakeSlice(f.typ, len(n.list), len(n.list)))
	found := len(d.errors)
	for i, child := range n.list {
		d.value(child, fmt.Sprintf("%s[%d]", path, i), &field{typ: f.typ.Elem()}, into.Index(i))
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
