// Package session is all that the desktop knows and does, without a window.
//
// A [Session] holds a document: the text of a scenario, what was changed in it, and how it is looked at. Commands
// change the document, one after another, each to be undone. After a command the session runs the market anew in
// goroutines of its own, and publishes what it knows as a [Snapshot]: first the one run that is shown, then the
// quantiles of some runs, then of as many as are asked for, and the facts. A snapshot never changes once it is
// published. Whoever shows it asks for the next one:
//
//	s := session.New(session.Config{Scenario: "meta-scale"})
//	defer s.Close()
//	s.Drag("events.deal.stake", "0.3") // returns at once
//	s.Release()
//	for number := uint64(0); ; {
//		snap, err := s.Next(ctx, number)
//		...
//		number = snap.Number
//	}
//
// Commands return at once and may come from any goroutine, a window's too: they wait in line. [Session.Save],
// [Session.Export] and [Session.ExportRuns] do their work before they return, so a window calls them from another goroutine than its own.
//
// # While a lever moves
//
// From a [Session.Drag] until the hand rests for a moment, or [Session.Release], snapshots are Moving. Then each answer
// is a glance: the run that is shown and as many runs as fit between two pictures, all of the newest value and told at
// once. The next glance begins when somebody has taken the last from [Session.Next]: a window that is slow gets fewer,
// and never older ones. At rest all runs are lived, and the facts judged. Where not even some runs fit, the one run is
// shown alone: nothing of an older value stands beside it.
//
// # From the start, and from this week
//
// A change from the start is made to the scenario, and every week is lived anew. A change from this week is an
// [Intervention]: weeks before it stay as they were, and from its week on the market goes on under the changed
// scenario, from the state that it had come to. What an event of the past set, such as a stake, an intervention
// sets again in its week; a price, quality or capacity of the start, or of an event of the past, is corrected by
// the proportion in which it was changed. What happened once and is gone, such as an incident, and what a market
// is built of, such as the number of labs, can be changed from the start only. An intervention in week 0 is a
// change from the start.
//
// # Twin worlds
//
// The market that it is compared with lives through the same luck. Compared with a variant, it is the scenario with
// the same changes, but for those of inputs that the variant itself states: so the ghost without a deal stays
// without one while the stake is dragged. Compared with [scenarios.Reference], it is the file as it stands, without
// a variant or changes.
package session
