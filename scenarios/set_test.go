package scenarios

import (
	"math"
	"reflect"
	"testing"

	"exodus/agents/field"
)

// What Set makes is what With makes of the same change in a text: of every input of every scenario, in each of its
// variants, for values that are possible and for those that are not.
func TestSet(t *testing.T) {
	for _, name := range Names() {
		s, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		variants := []string{""}
		for _, v := range s.Variants {
			variants = append(variants, v.Name)
		}
		for k, variant := range variants {
			from, err := s.With(variant, []string{"model.herding=0.3", "labs." + s.Spec.Labs[0].Name + ".growth=0.1"})
			if err != nil {
				t.Fatal(err)
			}
			for i, in := range from.Inputs() {
				if (i+k)%len(variants) != 0 && k > 0 { // each input in one variant, and without any
					continue
				}
				for _, x := range []float64{in.Low, in.High, (in.Low + in.High) / 3, -1e300, math.NaN()} {
					same(t, from, in, x)
				}
			}
		}
	}
}

func same(t *testing.T, from *Scenario, in Input, x float64) {
	t.Helper()
	was := from.Spec
	got, err := from.Set(in.Path, x)
	want, wrong := from.With(from.Variant, from.changed(in.Path, in.Write(x)))
	if (err == nil) != (wrong == nil) || err != nil && in.Kind == field.Number && err.Error() != wrong.Error() {
		t.Errorf("%s = %v of %s: %v, want %v", in.Path, x, from.Name, err, wrong)
	}
	if err != nil || wrong != nil {
		return
	}
	if !reflect.DeepEqual(got.Spec, want.Spec) || !reflect.DeepEqual(got.Changes, want.Changes) || !reflect.DeepEqual(got.Inputs(), want.Inputs()) {
		t.Errorf("%s = %v of %s %s is another market than as a text", in.Path, x, from.Name, from.Variant)
	}
	if !reflect.DeepEqual(from.Spec, was) {
		t.Errorf("%s = %v changes the scenario that it is set in", in.Path, x)
	}
}

// Where a change states a whole table, it still matters which came last; and what is no input is refused as ever.
func TestSetBesideTables(t *testing.T) {
	s, _ := Load("meta-scale")
	from, err := s.With("", []string{"labs.Google.spend.Scale=3", "labs.Google.spend={ Scale = 5, In-house = 3 }"})
	if err != nil {
		t.Fatal(err)
	}
	in, _ := from.Input("labs.Google.spend.Scale")
	same(t, from, in, 7)
	for _, path := range []string{"", "labs", "labs.Google", "labs.Google.spend", "labs.Nobody.growth", "model.leak_aversoin", "events.deal.owner",
		"events.promise.stake", "labs.Google.spend.Nobody", "labs.Google.spend.Scale.more", "weeks.more", "model.herding.more", "title", "owners.Meta.lab"} {
		if _, err := s.Set(path, 1); err == nil {
			t.Errorf("%q is set", path)
		}
	}
}

// BenchmarkSet moves a lever as its text, and as the number that it is.
func BenchmarkSet(b *testing.B) {
	s, err := Load("meta-scale")
	if err != nil {
		b.Fatal(err)
	}
	const path = "events.deal.stake"
	b.Run("text", func(b *testing.B) {
		for b.Loop() {
			s.With("", []string{path + "=0.3"})
		}
	})
	b.Run("number", func(b *testing.B) {
		for b.Loop() {
			s.Set(path, 0.3)
		}
	})
}
