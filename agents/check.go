package agents

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"

	"exodus/agents/field"
)

// MostLabs is how many labs a market may have, all lines together.
const MostLabs = 10_000_000

// MostWeeks is how long a run may be: a century.
const MostWeeks = 5200

// Problems is all that is wrong with a Spec; as an error, one line each.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = strings.Join(problem.Path, ".") + ": " + problem.Text
	}
	return strings.Join(lines, "\n")
}

// Check returns all that is wrong with the Spec, place by place.
func (s *Spec) Check() []Problem {
	c := &checker{Spec: s}
	if s.Weeks < 1 || s.Weeks > MostWeeks {
		c.say("weeks", "%d weeks; a run has 1 to %d", s.Weeks, MostWeeks)
	}
	c.numbers(reflect.ValueOf(s.Model), "model")
	c.numbers(reflect.ValueOf(s.Uncertainty), "uncertainty")
	if s.Model.BusyAbove <= s.Model.IdleBelow {
		c.say("model.busy_above", "%v is not above idle_below, %v", s.Model.BusyAbove, s.Model.IdleBelow)
	}
	c.checkVendors()
	c.checkLabs()
	c.checkOwners()
	c.checkEvents()
	if len(c.found) == 0 { // of numbers that are each within their limits
		c.checkPremium()
	}
	return c.found
}

// mostExponent is up to where exp has a number.
const mostExponent = 700

// checkPremium checks that a lab that trusts a vendor not at all feels a price that is a number.
func (c *checker) checkPremium() {
	exposure := 0.0
	for _, l := range c.Labs {
		exposure = max(exposure, l.Exposure)
	}
	if x := c.Model.distrust(c.Model.LeakAversion*exposure, 0) / c.Model.PriceSensitivity; c.Model.PriceSensitivity > 0 && x > mostExponent {
		c.say("model.leak_aversion", "%v times an exposure of %v over a price_sensitivity of %v is %.4g: a vendor would feel exp(%.4g) times as dear as it is, which is beyond all numbers; at most %d is possible",
			c.Model.LeakAversion, exposure, c.Model.PriceSensitivity, x, x, mostExponent)
	}
}

type checker struct {
	*Spec
	found []Problem
}

// say adds a problem at a dotted path; a part of the path in more keeps its dots.
func (c *checker) say(path, format string, args ...any) {
	c.at(strings.Split(path, "."), format, args...)
}

func (c *checker) at(path []string, format string, args ...any) {
	c.found = append(c.found, Problem{path, fmt.Sprintf(format, args...)})
}

// numbers checks every number of a struct against its limits.
func (c *checker) numbers(table reflect.Value, path ...string) {
	fields := field.Of(table.Type()).All
	for i := range fields {
		f := &fields[i]
		if x, ok := f.Value(table); ok {
			c.number(f, x, func() []string { return append(slices.Clone(path), f.Name) })
		} else if f.Kind == field.Numbers {
			all := f.In(table).Interface().(map[string]float64)
			for _, name := range sortedKeys(all) {
				c.number(f, all[name], func() []string { return append(slices.Clone(path), f.Name, name) })
			}
		}
	}
}

// number checks a number, whose path is made where there is something to say: markets are checked at every move of a lever.
func (c *checker) number(f *field.Field, x float64, path func() []string) {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		c.at(path(), "%v is not a number to reckon with; give a finite one", x)
	case x < f.Min || x > f.Max:
		c.at(path(), "%v is out of range; it goes from %v to %v", x, plainNumber(f.Min), plainNumber(f.Max))
	}
}

func plainNumber(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// names checks that names can be told apart and printed.
func (c *checker) names(table string, names []string) {
	taken := map[string]bool{}
	for _, at := range names {
		switch {
		case at == "":
			c.at([]string{table, at}, "a name is needed")
		case strings.ContainsFunc(at, unicode.IsControl):
			c.at([]string{table, at}, "a name may not have control characters such as line breaks")
		case taken[at]:
			c.at([]string{table, at}, "this name is taken")
		}
		taken[at] = true
	}
}

func (c *checker) checkVendors() {
	if len(c.Vendors) == 0 {
		c.say("vendors", "a market needs a vendor beside %s", InHouse)
	}
	c.names("vendors", c.VendorNames())
	var segments []string
	for _, l := range c.Labs {
		segments = append(segments, l.Segment)
	}
	load := map[string]float64{} // USD million a year
	for _, l := range c.Labs {
		for vendor, x := range l.Spend {
			load[vendor] += x
		}
	}
	for _, v := range c.Vendors {
		if v.Name == InHouse {
			c.at([]string{"vendors", v.Name}, "every lab has %s anyway; choose another name", InHouse)
		}
		c.numbers(reflect.ValueOf(v), "vendors", v.Name)
		for _, s := range v.Segments {
			if !slices.Contains(segments, s) {
				c.at([]string{"vendors", v.Name, "segments"}, "no lab is of segment %q%s", s, Nearest(s, segments))
			}
		}
		if v.Capacity == 0 && load[v.Name] == 0 {
			c.at([]string{"vendors", v.Name}, "nobody buys from it at the start, so headroom leaves it without capacity; state its capacity")
		}
		if least := load[v.Name] / v.Price; v.Capacity > 0 && v.Price > 0 && v.Capacity < least*(1-1e-12) {
			c.at([]string{"vendors", v.Name, "capacity"}, "%v is less than its clients buy at the start; at least %v is needed", v.Capacity, plainNumber(math.Ceil(least*1000)/1000))
		}
	}
}

func (c *checker) checkLabs() {
	if len(c.Labs) == 0 {
		c.say("labs", "a market needs a lab")
	}
	c.names("labs", c.LabNames())
	count := 0
	for _, l := range c.Labs {
		at := func(rest ...string) []string { return append([]string{"labs", l.Name}, rest...) }
		c.numbers(reflect.ValueOf(l), "labs", l.Name)
		if count += l.Count; l.Count > 0 && count > MostLabs {
			c.at(at("count"), "that makes more than %d labs in all", MostLabs)
			count = 0
		}
		if l.Segment == "" {
			c.at(at("segment"), "a segment is needed, such as frontier")
		}
		for _, owner := range sortedKeys(l.Rivalry) {
			c.known(at("rivalry", owner), "owner", owner, c.OwnerNames())
			c.spread(at("rivalry_sd"), l.RivalrySD, l.Rivalry[owner])
		}
		c.spread(at("exposure_sd"), l.ExposureSD, l.Exposure)
		c.checkSpend(&l)
	}
}

func (c *checker) checkSpend(l *Lab) {
	total := 0.0
	for _, vendor := range sortedKeys(l.Spend) {
		x := l.Spend[vendor]
		path := []string{"labs", l.Name, "spend", vendor}
		total += x
		i := slices.IndexFunc(c.Vendors, func(v Vendor) bool { return v.Name == vendor })
		if i < 0 {
			if vendor != InHouse {
				c.known(path, "vendor", vendor, append(c.VendorNames(), InHouse))
			}
			continue
		}
		if segments := c.Vendors[i].Segments; x > 0 && len(segments) > 0 && !slices.Contains(segments, l.Segment) {
			c.at(path, "%s is not qualified for segment %q, only for %s", vendor, l.Segment, strings.Join(segments, ", "))
		}
	}
	if total <= 0 { // not where it is NaN, which was said
		c.at([]string{"labs", l.Name, "spend"}, "a lab needs spend with some vendor, or %s", InHouse)
	}
}

// spread checks that a beta distribution of the mean and standard deviation exists.
func (c *checker) spread(path []string, sd, mean float64) {
	if most := math.Sqrt(mean * (1 - mean)); sd > 0 && mean > 0 && mean < 1 && sd >= most {
		c.at(path, "%v is too wide around a mean of %v; it must be below %.3g", sd, mean, most)
	}
}

func (c *checker) known(path []string, what, name string, names []string) {
	if slices.Contains(names, name) {
		return
	}
	near := ""
	if len(c.found) < mostSuggested {
		near = Nearest(name, names)
	}
	c.at(path, "there is no %s %q%s", what, name, near)
}

// mostSuggested is after how many problems no more time is spent on what would be right.
const mostSuggested = 100

func (c *checker) checkOwners() {
	c.names("owners", c.OwnerNames())
	taken := map[string]string{}
	for _, o := range c.Owners {
		for _, h := range o.Holds {
			path := []string{"owners", o.Name, "holds", h.Vendor}
			c.numbers(reflect.ValueOf(h), path...)
			c.known(path, "vendor", h.Vendor, c.VendorNames())
			totals := c.historyOf(h.Vendor, 0).totals()
			for i, x := range [...]float64{h.Stake, h.Votes, h.Executives} {
				if x > 0 && x <= 1 && totals[i] > 1+1e-9 {
					c.at(append(path, heldFields[i]), "the %s that owners hold in %s add up to %.4g, which is over 1", heldFields[i], h.Vendor, totals[i])
				}
			}
		}
		if o.Lab == "" {
			continue
		}
		path := []string{"owners", o.Name, "lab"}
		c.known(path, "lab", o.Lab, c.LabNames())
		if other := taken[o.Lab]; other != "" {
			c.at(path, "owner %s is lab %s already", other, o.Lab)
		}
		taken[o.Lab] = o.Name
	}
}

// Nearest suggests the known name that a wrong one was probably meant to be: "; did you mean X?". Where none
// is near it lists the known ones, if they are few.
func Nearest(name string, known []string) string {
	best, least := "", 1+len(name)/2
	for _, k := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("; did you mean %s?", best)
	case len(known) == 0:
		return "; there are none"
	case len(known) <= 20:
		return "; there are " + strings.Join(known, ", ")
	}
	return ""
}

// distance is the number of letters to insert, delete, replace or swap with their neighbour to make b of a.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	if len(s) > 60 || len(t) > 60 {
		return len(s) + len(t)
	}
	rows := make([][]int, len(s)+1)
	for i := range rows {
		rows[i] = make([]int, len(t)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(s); i++ {
		for j := 1; j <= len(t); j++ {
			change := rows[i-1][j-1]
			if s[i-1] != t[j-1] {
				change++
			}
			rows[i][j] = min(change, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(s)][len(t)]
}
