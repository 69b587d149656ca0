// Package field reads what struct tags say of the inputs of a market, once for each type.
//
// The tags are the one description of an input: the name in a file (toml; - for what no file states), what people call
// it (title, else the name), its unit and symbol, what it means (doc), what it is about (group), the values that make
// sense at all (min, max, or enum for texts), those that are plausible (low, high), what holds where nothing is said
// (default), and whether it must be stated (required), is a date (date), is drawn at random where uncertainty.ranges is
// on (drawn), and holds from the start of a run to its end (fixed). How it is stated follows from its type: see [Kind].
//
// Whatever reads, checks, lists, changes or describes inputs walks [Of] a struct, and finds in a [Field] all that there
// is to know of one. So an input is one line of a struct, whose tags say it all.
package field

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Field is an input as its author states it.
type Field struct {
	Name, Title, Symbol, Unit, Doc, Group string

	Kind      Kind
	Enum      []string // the texts that it may be; any, where there are none
	Default   string   // as a file would state it; "" where there is none
	Min, Max  float64  // infinite where there is no limit
	Low, High float64
	Plausible bool // whether Low and High are stated
	Required  bool
	Drawn     bool
	Fixed     bool
	Type      reflect.Type

	index    int     // in its struct
	fallback float64 // Default as a number
	each     *Field  // what one of many is
}

// Kind says how a field is stated.
type Kind int

// The kinds of fields.
const (
	Number Kind = iota
	Whole
	YesNo
	Text
	Date     // a time.Time, or the week of the run that the day is in
	Optional // a number that may be absent
	Numbers  // a table of numbers, by the names of vendors or owners
	List     // of texts or tables
	Table    // a struct
	Named    // tables with names of their own, in their order: structs, whose first text without a name in a file is that name
)

func kindOf(t reflect.Type) Kind {
	switch t.Kind() {
	case reflect.Int:
		return Whole
	case reflect.Bool:
		return YesNo
	case reflect.String:
		return Text
	case reflect.Pointer:
		return Optional
	case reflect.Map:
		return Numbers
	case reflect.Struct:
		return Table
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Struct && Of(t.Elem()).name >= 0 {
			return Named
		}
		return List
	}
	return Number
}

// Fields are those of a struct that a file may state, in its order.
type Fields struct {
	All  []Field
	name int // the field of the struct for the name that the table has itself; -1 where it has none
}

var tables sync.Map // of *Fields, by type: a file may have thousands of tables

// Of are the fields of a struct type.
func Of(t reflect.Type) *Fields {
	if fields, ok := tables.Load(t); ok {
		return fields.(*Fields)
	}
	fields := &Fields{name: -1}
	for i := range t.NumField() {
		f := t.Field(i)
		switch name := f.Tag.Get("toml"); {
		case name == "-" && f.Type.Kind() == reflect.String && fields.name < 0:
			fields.name = i
		case name != "" && name != "-":
			fields.All = append(fields.All, read(f, i))
		}
	}
	tables.Store(t, fields)
	return fields
}

// read reads the tags of a field.
func read(f reflect.StructField, index int) Field {
	tag := f.Tag
	number := func(key string, otherwise float64) float64 {
		if x, err := strconv.ParseFloat(tag.Get(key), 64); err == nil {
			return x
		}
		return otherwise
	}
	out := Field{
		Name: tag.Get("toml"), Title: tag.Get("title"), Symbol: tag.Get("symbol"), Unit: tag.Get("unit"), Doc: tag.Get("doc"), Group: tag.Get("group"),
		Kind: kindOf(f.Type), Default: tag.Get("default"),
		Min: number("min", math.Inf(-1)), Max: number("max", math.Inf(1)), Low: number("low", 0), High: number("high", 0), Plausible: tag.Get("low") != "",
		Required: tag.Get("required") != "", Drawn: tag.Get("drawn") != "", Fixed: tag.Get("fixed") != "", Type: f.Type,
		index: index, fallback: number("default", 0),
	}
	if out.Kind == YesNo {
		out.Min, out.Max = 0, 1
		if out.Default == "true" {
			out.fallback = 1
		}
	}
	if tag.Get("date") != "" {
		out.Kind = Date
	}
	if enum := tag.Get("enum"); enum != "" {
		out.Enum = strings.Split(enum, ",")
	}
	if out.Title == "" {
		out.Title = strings.ReplaceAll(out.Name, "_", " ")
	}
	if out.Kind == Numbers || out.Kind == List || out.Kind == Named {
		one := out
		one.Type = f.Type.Elem()
		one.Kind = kindOf(one.Type)
		out.each = &one
	}
	return out
}

// Named is the field of a name, or nil.
func (f *Fields) Named(name string) *Field {
	if i := slices.IndexFunc(f.All, func(f Field) bool { return f.Name == name }); i >= 0 {
		return &f.All[i]
	}
	return nil
}

// Names are those of all fields.
func (f *Fields) Names() []string {
	names := make([]string, len(f.All))
	for i := range f.All {
		names[i] = f.All[i].Name
	}
	return names
}

// Name is where a struct of a [Named] field keeps the name that it has itself.
func (f *Fields) Name(table reflect.Value) reflect.Value { return table.Field(f.name) }

// Each is what one of many is: a number of a table of them, an element of a list, or one of named tables.
func (f *Field) Each() *Field { return f.each }

// In is where a struct has the field.
func (f *Field) In(table reflect.Value) reflect.Value { return table.Field(f.index) }

// Value is what the field of a struct is as a number, 1 and 0 for yes and no. It says false of what is not one number.
func (f *Field) Value(table reflect.Value) (x float64, ok bool) {
	switch v := f.In(table); f.Kind {
	case Number:
		return v.Float(), true
	case Whole:
		return float64(v.Int()), true
	case YesNo:
		if v.Bool() {
			x = 1
		}
		return x, true
	}
	return 0, false
}

// Set gives the field of a struct a value, and says whether it can have that.
func (f *Field) Set(table reflect.Value, x float64) bool {
	switch v := f.In(table); f.Kind {
	case Number:
		v.SetFloat(x)
		return true
	case Whole:
		v.SetInt(int64(x))
		return x == float64(v.Int())
	case YesNo:
		v.SetBool(x != 0)
		return x == 0 || x == 1
	}
	return false
}

// SetDefault gives the field of a struct the value that holds where nothing is stated.
func (f *Field) SetDefault(table reflect.Value) {
	if f.Default != "" {
		f.Set(table, f.fallback)
	}
}

// Around is the plausible range, widened to hold a value. Where none is stated it is guessed from the limits.
func (f *Field) Around(value float64) (low, high float64) {
	switch {
	case f.Kind == YesNo:
		return 0, 1
	case f.Plausible:
		return min(f.Low, value), max(f.High, value)
	}
	return max(f.Min, value/4), min(f.Max, max(4*value, value+4))
}
