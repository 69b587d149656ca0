package cli

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"

	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/scenarios/words"
	"exodus/sim"
)

// summary is what a run comes to, in short; its fields are those of --json. Money is in USD million a year.
type summary struct {
	Scenario  string          `json:"scenario"`
	Title     string          `json:"title"`
	Variant   string          `json:"variant,omitempty"`
	Changes   []string        `json:"changes,omitempty"`
	Luck      sim.Luck        `json:"luck"`
	Weeks     int             `json:"weeks"`
	Event     string          `json:"event,omitempty"` // that weeks are counted from
	EventDate string          `json:"event_date,omitempty"`
	EventText string          `json:"event_text,omitempty"`
	Vendors   []vendorSummary `json:"vendors"`
	Left      []leaver        `json:"left"`
	Must      []leaver        `json:"must_leave,omitempty"` // since the vendor ends its service
	CutOff    []leaver        `json:"cut_off"`              // for want of the vendor's capacity
	Stayed    []string        `json:"stayed"`               // labs that still buy from the vendor of the event
	Focus     string          `json:"focus"`                // the vendor of the event
	Digest    string          `json:"digest"`
	Directory string          `json:"directory"`
	Files     []string        `json:"files"`

	at []point // the columns of the table
}

// point is a week that the table shows.
type point struct {
	label string
	week  int
}

type vendorSummary struct {
	Vendor  string             `json:"vendor"`
	Share   map[string]float64 `json:"share"`   // by "before", "13", "26", "52" weeks after the event; none for In-house
	Revenue map[string]float64 `json:"revenue"` // the same
}

// leaver is a lab that has left a vendor, or was cut off by it.
type leaver struct {
	Lab    string  `json:"lab"`
	Vendor string  `json:"vendor"`
	Week   int     `json:"week"` // since when
	Date   string  `json:"date"`
	After  int     `json:"weeks_after"` // since the event
	Before float64 `json:"spend_before"`
	Now    float64 `json:"spend_at_end"`
}

// summarise finds what a person, or a script, asks first.
func summarise(run *store.Run, dir string, files []store.File) *summary {
	s, t := run.Scenario, run.Trajectory
	out := &summary{
		Scenario: s.Name, Title: s.Title, Variant: s.Variant, Changes: s.Changes, Luck: run.Luck, Weeks: t.Weeks,
		Focus: s.FocusVendor(), Digest: t.Digest(), Directory: dir, Left: []leaver{}, CutOff: []leaver{}, Stayed: []string{},
	}
	for _, f := range files {
		out.Files = append(out.Files, f.Name)
	}
	if e := s.Focus(); e != nil {
		out.Event, out.EventDate, out.EventText = e.Name, s.DateOf(e).Format(time.DateOnly), e.Tell()
		if !s.Happens(e) {
			out.EventText += " (not in this variant, whose weeks are counted from there)"
		}
	}
	out.at = pointsOf(s, t.Weeks)
	for j, name := range t.Vendors {
		v := vendorSummary{Vendor: name, Share: map[string]float64{}, Revenue: map[string]float64{}}
		for _, p := range out.at {
			if share := t.Share(p.week, j); !math.IsNaN(share) {
				v.Share[p.label] = share
			}
			v.Revenue[p.label] = t.Revenue[t.At(p.week, j)]
		}
		out.Vendors = append(out.Vendors, v)
	}
	out.findLeavers(run)
	return out
}

// pointsOf are the weeks that tables show: the one before the event that weeks are counted from, where there is one, and
// +13, +26 and +52; where a run ends before those, its last.
func pointsOf(s *scenarios.Scenario, weeks int) (points []point) {
	if before := s.WeekAt(-1); before >= 0 {
		points = append(points, point{"before", before})
	} else if s.Focus() == nil {
		points = append(points, point{"start", 0})
	}
	earlier := len(points)
	for _, after := range []int{13, 26, 52} {
		if at := s.WeekAt(after); at < weeks {
			points = append(points, point{strconv.Itoa(after), at})
		}
	}
	if last := weeks - 1; len(points) == earlier && last >= s.WeekAt(0) {
		points = append(points, point{strconv.Itoa(s.Since(last)), last})
	}
	return points
}

// title is the head of the point's column.
func (p point) title() string {
	switch p.label {
	case "before":
		return p.label
	case "start":
		return "at the start"
	}
	return "+" + p.label + " weeks"
}

// findLeavers lists who had left whom at the end, who was cut off, and who stayed with the vendor that it is about.
func (out *summary) findLeavers(run *store.Run) {
	s, t := run.Scenario, run.Trajectory
	for _, vendor := range t.Vendors {
		for _, l := range s.Leavings(vendor, t.Weeks-1, t) {
			told := leaver{Lab: l.Lab, Vendor: vendor, Week: l.Since, Before: l.Before, Now: l.Now}
			switch {
			case l.HasLeft():
				told.Date, told.After = s.Date(l.Since).Format(time.DateOnly), s.Since(l.Since)
				out.Left = append(out.Left, told)
			case l.MustLeave():
				out.Must = append(out.Must, told)
			case l.IsCutOff():
				out.CutOff = append(out.CutOff, told)
			case l.Stays() && vendor == out.Focus:
				out.Stayed = append(out.Stayed, l.Lab)
			}
		}
	}
	slices.SortStableFunc(out.Left, func(a, b leaver) int { return a.Week - b.Week })
}

// printSummary prints what a person reads in ten seconds.
func printSummary(w io.Writer, run *store.Run) error {
	s := summarise(run, "", nil)
	fmt.Fprintln(w, run.Scenario.Describe())
	if s.EventText != "" {
		fmt.Fprintf(w, "%s  %s\n", dateOf(s.EventDate), s.EventText)
	}
	fmt.Fprintln(w)

	first, last := s.at[0].label, s.at[len(s.at)-1].label
	changes := len(s.at) > 1 && (first == "before" || first == "start") // else there is nothing to compare with
	row := func(table *words.Table, name string, cell func(at string) string, change string) {
		cells := []string{name}
		for _, p := range s.at {
			cells = append(cells, words.PadLeft(cell(p.label), len("+13 weeks"))) // which all tables have, so that they are read alike
		}
		if changes {
			cells = append(cells, words.PadLeft(change, len("-12.3 pts")))
		}
		table.Row(cells...)
	}
	table := words.Table{Align: "lr"}
	titles := map[string]string{}
	for _, p := range s.at {
		titles[p.label] = p.title()
	}
	row(&table, "Market share", func(at string) string { return titles[at] }, "change")
	inHouse := len(s.Vendors) - 1
	for _, v := range s.Vendors[:inHouse] {
		share := func(at string) float64 {
			if x, sold := v.Share[at]; sold {
				return x
			}
			return math.NaN() // nobody bought from anybody
		}
		row(&table, v.Vendor, func(at string) string { return words.Percent(share(at)) }, words.Points(share(last)-share(first)))
	}
	row(&table, "In-house, a year", func(at string) string { return words.Money(s.Vendors[inHouse].Revenue[at]) }, "")
	fmt.Fprintf(w, "%s\n", &table)
	return s.printLeavers(w)
}

func (s *summary) printLeavers(w io.Writer) error {
	if len(s.Left) == 0 {
		fmt.Fprintln(w, "Nobody left: every lab gives its vendors at least half of their highest share of its spend.")
	} else {
		fmt.Fprintln(w, "Who left: gives the vendor less than half of its highest share of spend; a year")
		var table words.Table
		for _, l := range s.Left {
			table.Row("  "+l.Lab, l.Vendor, dateOf(l.Date), weeksAfter(l.After), words.Money(l.Before)+" -> "+words.Money(l.Now))
		}
		fmt.Fprint(w, &table)
	}
	for _, group := range []struct {
		title string
		all   []leaver
	}{
		{"Who must leave, since the vendor ends its service, a year", s.Must},
		{"Who was cut off, for want of the vendor's capacity, a year", s.CutOff},
	} {
		if len(group.all) == 0 {
			continue
		}
		fmt.Fprintln(w, group.title)
		var table words.Table
		for _, l := range group.all {
			table.Row("  "+l.Lab, l.Vendor, words.Money(l.Before)+" -> "+words.Money(l.Now))
		}
		fmt.Fprint(w, &table)
	}
	if len(s.Stayed) > 0 {
		fmt.Fprintf(w, "Who stayed with %s: %s\n", s.Focus, words.List(s.Stayed))
	}
	_, err := fmt.Fprintf(w, "One run: seed %d, run %d, digest %s\n", s.Luck.Seed, s.Luck.Run, s.Digest[:16])
	return err
}

func weeksAfter(n int) string {
	if n < 0 {
		return "before"
	}
	return fmt.Sprintf("week +%d", n)
}

// dateOf writes an ISO date as people do.
func dateOf(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return words.Date(t)
}
