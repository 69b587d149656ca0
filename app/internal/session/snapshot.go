package session

import (
	"time"

	"exodus/agents"
	"exodus/app/internal/results"
	"exodus/scenarios"
	"exodus/scenarios/facts"
)

// Snapshot is all that there is to show. It never changes, nor does anything that it points to.
type Snapshot struct {
	Number  uint64 // counts snapshots
	Command uint64 // the last command that it answers: see [Session.Commands]

	// The document.
	Name        string // what was opened: the name of a built-in scenario, or a path
	File        string // where saving writes unless told otherwise; "" for a built-in scenario
	Source      string // text of the scenario as it is edited
	Problems    scenarios.Errors
	FileChanged bool // whether another program has changed File since it was read or written
	Dirty       bool // whether there is anything that [Session.Save] has not written
	Recent      []string
	Variant     string
	Compare     string // "", scenarios.Reference, a variant, a built-in scenario or a path
	Runs        int    // asked for
	Seed        uint64
	ThisWeek    bool // whether changes act from this week on
	Undo        string
	Redo        string // what undoing and redoing would take back and do again, in words; "" where there is nothing

	Changes       []Change
	Interventions []Intervention
	Levers        []Lever // in the order of the scenario
	Most          []int   // the levers that matter most, as indices of Levers
	Refused       *Refusal

	View View // which runs the pages show

	// Where one is.
	Week    int // the play head: how many weeks have gone by, 0 to Weeks. Series are shown up to Week-1
	Weeks   int // of the run
	Playing bool
	Speed   float64 // weeks a second

	// Answers. Stale says that they are of an earlier command: the next ones are on their way. Moving says that a lever is
	// being moved: then they are of as many runs as fit between two pictures, and facts wait until it rests. World is the market that is shown, Other the one that it is compared with, nil without one.
	Answer       uint64 // counts what was found out: snapshots of one number show the same
	Stale        bool
	Moving       bool
	World, Other *World
	Difference   *results.Bands // World less Other, run by run; nil without one, or where it is not known yet
	Facts        []facts.Score
	FactRuns     int  // that they are judged by
	FactsStale   bool // whether Facts are of the command before
	Feed         []Line
	Status       Status
}

// Shown is the last week that has gone by, an index of series: 0 at the start.
func (s *Snapshot) Shown() int { return max(0, s.Week-1) }

// Change is an input changed from the start.
type Change struct{ Path, Value string }

// Intervention is an input changed from a week on.
type Intervention struct {
	Week        int
	Path, Value string
}

// World is a market as far as it is known.
type World struct {
	Scenario *scenarios.Scenario // with variant and changes from the start
	Title    string              // the variant's, or the scenario's
	Run      *agents.Trajectory  // the run shown, whole: all series, views and log
	Fans     *results.Bands      // of the same market as Run; nil until there are some
	Buyers   *Buyers             // nil until all runs are lived, and of a world that is compared with
}

// Status says what is going on.
type Status struct {
	Doing     string // what is being computed: FirstRun, ManyRuns, JudgeFacts, or "" where it is nothing
	Done      int    // runs of each world
	Of        int    // runs of each world that will be done: fewer than asked for where the market is large
	PerSecond float64
	Took      time.Duration // from the command to the last fans
	Warning   string        // such as that a market is so large that fewer runs are done
	Err       error         // why there is no answer; the last good one stays
	Busy      bool          // whether there is anything to cancel
}

// What is computed, in this order.
const (
	FirstRun   = "one run"
	ManyRuns   = "runs"
	JudgeFacts = "facts"
)

// Line is something that happened.
type Line struct {
	Week  int
	Date  time.Time
	Agent string
	Text  string // a sentence without its full stop
	Kind  LineKind
	Path  string // of an intervention: its lever
	Entry int    // in the log of World.Run; -1 for an intervention
}

// LineKind says where a line comes from.
type LineKind int

// The kinds of lines.
const (
	Happens   LineKind = iota // the scenario's events
	Responds                  // what labs and vendors do
	Intervene                 // what was changed from a week on
)

// Lever is an input as it can be moved.
type Lever struct {
	scenarios.Input
	Group    Group
	Of       string // what it belongs to, such as a lab; "" for behaviour
	Title    string // in words
	InFile   float64
	Now      float64 // at the play head; booleans are 0 or 1
	Text     string  // Now as it is written
	Changed  bool    // whether there is a change or an intervention to reset
	Evidence scenarios.Evidence
}

// Group is where a lever is found.
type Group string

// The groups of levers, in their order.
const (
	Deal        Group = "Deal"
	Trust       Group = "Trust"
	Labs        Group = "Labs"
	Vendors     Group = "Vendors"
	Market      Group = "Market"
	Uncertainty Group = "Uncertainty"
)

// Groups are in their order.
var Groups = []Group{Deal, Trust, Labs, Vendors, Market, Uncertainty}

// Refusal is a command that was not done: the last one, until another is.
type Refusal struct {
	Command uint64
	Path    string // the input concerned, RunsPath, SeedPath, or ""
	Text    string // what was typed
	Err     error
}

// What stands for the path of an input where the number of runs, or the seed, was refused.
const (
	RunsPath = "runs"
	SeedPath = "seed"
)
