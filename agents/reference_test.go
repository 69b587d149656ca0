package agents

import (
	"encoding/csv"
	"math"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"exodus/sim"
)

// The reference market: Meta takes 49% of Scale in week 8. Spend is in USD million a year.
const referenceVendors = "Scale Surge Turing Mercor Handshake Labelbox Others In-house"
const referenceLabs = `
Google              frontier   .90 .95  6 .33 200 150  60 20  5 10  60  60
Microsoft           frontier   .70 .70  8 .33 120 150  30 15  5 10  60  50
OpenAI              frontier   .95 .90  8 .33  30 200 100 60 20 10  80 100
xAI                 frontier   .85 .85  6 .33  75  50  15 15  5  5  30 120
Anthropic           frontier   .80 .95  8 .33   5 300  40 25 10  3  50  60
Meta                frontier   0   .95  8 .33 160 200  40 20  5  5  60  60
Other_gen-AI        frontier   .50 .50 10 .33 150 150  30 15  5 10  80  40
Enterprise          enterprise .10 .30 20 .10 165   0  20  0  0 12 100  40
Autonomous_driving  automotive .05 .35 26 .10  45   0   0  0  0  5 100  60
Government          government .05 .50 40 .10  70   0   0  0  0  0  60  30`

var referenceQualified = map[string]string{
	"Scale": "frontier enterprise automotive government", "Surge": "frontier", "Turing": "frontier enterprise",
	"Mercor": "frontier", "Handshake": "frontier", "Labelbox": "frontier enterprise automotive",
	"Others": "frontier enterprise automotive government",
}

// referenceSpec is the reference market, with the deal or without.
func referenceSpec(deal bool) Spec {
	s := Spec{Weeks: 104, Model: defaults[Model](), Uncertainty: defaults[Uncertainty]()}
	s.Uncertainty.Scale = 0
	vendors := strings.Fields(referenceVendors)
	for _, name := range vendors[:len(vendors)-1] {
		v := Vendor{Name: name, Price: 1, Quality: 1, Headroom: 1.25, Segments: strings.Fields(referenceQualified[name])}
		if name == "Scale" {
			v.Headroom = 1.05
		}
		s.Vendors = append(s.Vendors, v)
	}
	for line := range strings.Lines(strings.TrimSpace(referenceLabs)) {
		f := strings.Fields(line)
		lab := Lab{Name: strings.ReplaceAll(f[0], "_", " "), Segment: f[1], Count: 1, Rivalry: map[string]float64{"Meta": number(f[2])},
			Exposure: number(f[3]), ExitWeeks: number(f[4]), Growth: number(f[5]), Spend: map[string]float64{}}
		for j, name := range vendors {
			if x := number(f[6+j]); x > 0 {
				lab.Spend[name] = x
			}
		}
		s.Labs = append(s.Labs, lab)
	}
	s.Owners = []Owner{{Name: "Meta", Lab: "Meta"}}
	if deal {
		s.Events = []Event{
			{Name: "deal", Week: 8, Kind: "stake", Owner: "Meta", Vendor: "Scale", Stake: 0.49, Executives: 1},
			{Name: "promise", Week: 8, Kind: "firewall", Vendor: "Scale", Cred: 0.15},
		}
	}
	return s
}

func number(s string) float64 {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic(err)
	}
	return x
}

// defaults is a T as its tags say.
func defaults[T any]() (t T) {
	v := reflect.ValueOf(&t).Elem()
	for i := range v.NumField() {
		text, field := v.Type().Field(i).Tag.Get("default"), v.Field(i)
		switch field.Kind() {
		case reflect.Float64:
			field.SetFloat(number(text))
		case reflect.Int:
			field.SetInt(int64(number(text)))
		}
	}
	return t
}

func run(t testing.TB, s Spec, luck sim.Luck) *Trajectory {
	t.Helper()
	plan, err := Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	traj, err := Run(t.Context(), plan, luck, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return traj
}

// The market agrees with an independent implementation of the same equations, week by week and vendor by
// vendor, to a relative 1e-9.
func TestReference(t *testing.T) {
	file, err := os.Open("testdata/reference.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1+2*104*8 {
		t.Fatalf("%d rows", len(rows))
	}
	got := map[string]*Trajectory{"deal": run(t, referenceSpec(true), sim.Luck{Seed: 1}), "no-deal": run(t, referenceSpec(false), sim.Luck{Seed: 1})}
	vendors := strings.Fields(referenceVendors)
	bad := 0
	for _, row := range rows[1:] {
		traj, week := got[row[0]], int(number(row[1]))
		j := 0
		for vendors[j] != row[2] {
			j++
		}
		at := traj.At(week, j)
		for c, series := range [][]float64{traj.Revenue, traj.Load, traj.Capacity, traj.Price, traj.Inquiries} {
			want, have := number(row[3+c]), series[at]
			if off := math.Abs(have-want) / math.Abs(want); !(off <= 1e-9) {
				t.Errorf("%s, week %d, %s, %s: %.12g, want %.12g (off by %.1g)", row[0], week, row[2], rows[0][3+c], have, want, off)
				if bad++; bad > 20 {
					t.FailNow()
				}
			}
		}
	}
}
