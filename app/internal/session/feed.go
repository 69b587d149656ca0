package session

import (
	"fmt"
	"slices"

	"exodus/agents"
	"exodus/scenarios"
)

// feed says in sentences what happened in the run of a world, in the order of weeks.
func feed(t *twin, run *agents.Trajectory) (lines []Line) {
	s := t.scenario
	events := map[string]*agents.Event{}
	ours := map[string]bool{} // events that make interventions: they are told as such
	for i := range s.Spec.Events {
		events[s.Spec.Events[i].Name] = &s.Spec.Events[i]
	}
	before := s
	for _, st := range t.stages[1:] {
		for i := range st.values.Spec.Events { // from here on as they were changed to
			if e := &st.values.Spec.Events[i]; e.Week >= st.week {
				events[e.Name] = e
			}
		}
		for _, made := range st.told {
			ours[made.event] = true
			if text := tellIntervention(made.Intervention, before, st.values); text != "" {
				lines = append(lines, Line{Week: st.week, Date: s.Date(st.week), Agent: "", Text: text, Kind: Intervene, Path: made.Path, Entry: -1})
			}
		}
		before = st.values
	}
	for i := range run.Log {
		e := &run.Log[i]
		line := Line{Week: e.Week, Date: s.Date(e.Week), Agent: e.Agent, Kind: Responds, Entry: i}
		if agents.KindOf(e.Event) != nil {
			event := events[e.Cause]
			if ours[e.Cause] || event == nil {
				continue
			}
			line.Kind, line.Text, line.Date = Happens, event.Tell(), s.DateOf(event)
		} else {
			line.Text = scenarios.TellEntry(e)
		}
		lines = append(lines, line)
	}
	slices.SortStableFunc(lines, func(a, b Line) int { return a.Week - b.Week })
	return lines
}

// tellIntervention says what was changed, or "" where nothing was.
func tellIntervention(i Intervention, before, now *scenarios.Scenario) string {
	was, known := before.Input(i.Path)
	is, still := now.Input(i.Path)
	if !known || !still || was.Value == is.Value {
		return ""
	}
	of, title := titleOf(&is)
	if of != "" {
		title = of + ": " + title
	}
	return fmt.Sprintf("%s from %s to %s", title, was.Write(was.Value), is.Write(is.Value))
}

// tell is a feed in which who leaves whom, and comes back, is that of most runs; all else is of the one run.
func (b *Buyers) tell(s *scenarios.Scenario, run *agents.Trajectory, feed []Line) (lines []Line) {
	last := map[[2]string]string{} // what became of a lab and a vendor in the one run
	for _, line := range feed {
		if line.Entry >= 0 {
			e := &run.Log[line.Entry]
			pair := [2]string{e.Agent, e.Vendor}
			was := last[pair]
			if e.Event == agents.Leaves || e.Event == agents.Returns || e.Event == agents.CutOff {
				last[pair] = e.Event
			}
			if e.Event == agents.Leaves || e.Event == agents.Returns && was == agents.Leaves {
				continue
			}
		}
		lines = append(lines, line)
	}
	for i, lab := range run.Labs {
		for j, vendor := range run.Vendors {
			gone := false
			for week := range run.Weeks {
				l := b.leaving(run.Rel(week, i, j))
				if l.HasLeft() == gone {
					continue
				}
				text := lab + " has left " + vendor + " in most runs"
				if gone = !gone; !gone {
					text = lab + " is back at " + vendor + " in most runs"
				}
				lines = append(lines, Line{Week: week, Date: s.Date(week), Agent: lab, Text: text, Kind: Responds, Entry: -1})
			}
		}
	}
	slices.SortStableFunc(lines, func(a, b Line) int { return a.Week - b.Week })
	return lines
}
