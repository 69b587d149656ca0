package field

import (
	"math"
	"reflect"
	"slices"
	"testing"
)

type seller struct {
	Name   string             `toml:"-"`
	Price  float64            `toml:"price" default:"1.5" min:"0" high:"3" low:"1"`
	Lag    int                `toml:"lag_weeks" default:"4" title:"lag" fixed:"yes"`
	Open   bool               `toml:"open" default:"true"`
	Since  int                `toml:"since" date:"yes" required:"yes"`
	Kind   string             `toml:"kind" enum:"one,other"`
	Most   *float64           `toml:"most"`
	Sales  map[string]float64 `toml:"sales" max:"9"`
	Tags   []string           `toml:"tags"`
	Inner  struct{}           `toml:"inner"`
	Parts  []part             `toml:"parts"`
	Hidden float64
}

type part struct {
	Name string `toml:"-"`
}

// How a field is stated follows from its type, and the rest from its tags.
func TestOf(t *testing.T) {
	fields := Of(reflect.TypeFor[seller]())
	want := []Kind{Number, Whole, YesNo, Date, Text, Optional, Numbers, List, Table, Named}
	var got []Kind
	for _, f := range fields.All {
		got = append(got, f.Kind)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the kinds are %v, want %v", got, want)
	}
	price, lag := fields.Named("price"), fields.Named("lag_weeks")
	if price.Min != 0 || !math.IsInf(price.Max, 1) || !price.Plausible || price.Required || price.Title != "price" || lag.Plausible || !lag.Fixed || lag.Title != "lag" {
		t.Errorf("%+v, %+v", price, lag)
	}
	if open := fields.Named("open"); open.Min != 0 || open.Max != 1 {
		t.Errorf("yes or no is %v to %v", open.Min, open.Max)
	}
	if sales := fields.Named("sales").Each(); sales.Kind != Number || sales.Max != 9 {
		t.Errorf("a sale is %+v", sales)
	}
	if !fields.Named("since").Required || !slices.Equal(fields.Named("kind").Enum, []string{"one", "other"}) || fields.Named("Hidden") != nil {
		t.Errorf("%+v", fields.All)
	}
}

// Values are read and written where a number, a whole number or a yes or no can hold them.
func TestValues(t *testing.T) {
	s := seller{Name: "A"}
	table := reflect.ValueOf(&s).Elem()
	fields := Of(table.Type())
	for i := range fields.All {
		fields.All[i].SetDefault(table)
	}
	if s.Price != 1.5 || s.Lag != 4 || !s.Open || s.Since != 0 || fields.Name(table).String() != "A" {
		t.Errorf("%+v", s)
	}
	for _, c := range []struct {
		name string
		x    float64
		ok   bool
	}{{"price", -2.5, true}, {"lag_weeks", 7, true}, {"lag_weeks", 7.5, false}, {"open", 0, true}, {"open", 0.5, false}, {"since", 3, false}, {"tags", 1, false}} {
		f := fields.Named(c.name)
		ok := f.Set(table, c.x)
		if got, _ := f.Value(table); ok != c.ok || ok && got != c.x {
			t.Errorf("%s = %v: %v, and then it is %v", c.name, c.x, ok, got)
		}
	}
}

// A plausible range holds the value; where none is stated, it is near the value and within the limits.
func TestAround(t *testing.T) {
	fields := Of(reflect.TypeFor[seller]())
	for _, c := range []struct {
		name          string
		at, low, high float64
	}{{"price", 2, 1, 3}, {"price", 5, 1, 5}, {"lag_weeks", 8, 2, 32}, {"lag_weeks", 0, 0, 4}, {"open", 1, 0, 1}} {
		if low, high := fields.Named(c.name).Around(c.at); low != c.low || high != c.high {
			t.Errorf("%s around %v goes from %v to %v, want %v to %v", c.name, c.at, low, high, c.low, c.high)
		}
	}
}
