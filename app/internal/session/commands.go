package session

// Config says how a session begins.
type Config struct {
	// Scenario is opened at the start: a built-in one by its name, or a file by its path. Where it is "", the last
	// session comes back, and where there was none, meta-scale is opened.
	Scenario string

	// Dir is where the session is kept from one start to the next. "" keeps nothing.
	Dir string

	// Runs are those of a new session; 0 is 1,000.
	Runs int

	// Seen is closed once the first picture is on the screen. Until then the many runs wait, and leave the
	// processors to it. Where it is nil, they wait for nothing.
	Seen <-chan struct{}

	// Version is that of the program, for receipts of what is exported.
	Version, Platform string
}

// Open opens a scenario: a built-in one by its name, or a file. Changes and interventions begin anew.
func (s *Session) Open(nameOrPath string) { s.command(open{nameOrPath}) }

// Edit puts another text in place of the scenario's. While something is wrong with it, the last good market stays.
// Edits one after another are undone in one step. It returns the number of the command: a snapshot whose Command is
// less does not have the text yet.
func (s *Session) Edit(source string) uint64 {
	number, _ := s.enqueue(edit{source}, nil)
	return number
}

// Set changes an input, by its dotted path, to a value as it is typed.
func (s *Session) Set(path, value string) { s.command(set{path, value, false}) }

// Drag is Set while a lever is held: all of a path until [Session.Release] are undone in one step.
func (s *Session) Drag(path, value string) { s.command(set{path, value, true}) }

// Release ends a drag.
func (s *Session) Release() { s.command(release{}) }

// Reset takes back all changes and interventions of an input.
func (s *Session) Reset(path string) { s.command(reset{path}) }

// ResetAll takes back all changes and interventions.
func (s *Session) ResetAll() { s.command(resetAll{}) }

// Choose chooses a variant; "" is the scenario as it is.
func (s *Session) Choose(variant string) { s.command(choose{variant}) }

// Compare chooses what the market is compared with: "" for nothing, scenarios.Reference for the file without
// variant and changes, a variant, a built-in scenario or a path.
func (s *Session) Compare(with string) { s.command(compare{with}) }

// SetRuns says how many runs there are to be.
func (s *Session) SetRuns(runs string) { s.command(setRuns{runs}) }

// SetSeed says which luck there is to be.
func (s *Session) SetSeed(seed string) { s.command(setSeed{seed}) }

// ShowMedian has the pages show medians over all runs.
func (s *Session) ShowMedian() { s.command(show{keep: true}) }

// ShowRun has the pages show one run, by its number under the seed; "" is the deterministic run.
func (s *Session) ShowRun(run string) { s.command(show{oneRun: true, run: run}) }

// ShowOneRun has the pages show the one run that was shown last.
func (s *Session) ShowOneRun() { s.command(show{oneRun: true, keep: true}) }

// Reload takes the text of the file as another program has left it. Changes stay, and Undo brings the old text back.
func (s *Session) Reload() { s.command(reload{}) }

// KeepMine has the session go on with its own text, until the file changes again.
func (s *Session) KeepMine() { s.command(keepMine{}) }

// ActFrom says whether changes act from this week on, or from the start.
func (s *Session) ActFrom(thisWeek bool) { s.command(actFrom{thisWeek}) }

// Undo takes the last change of the document back, and Redo does it again.
func (s *Session) Undo() { s.command(undo{}) }

// Redo does again what was undone.
func (s *Session) Redo() { s.command(redo{}) }

// Cancel ends what is being computed. What is known stays.
func (s *Session) Cancel() { s.command(cancel{}) }

// Play lets weeks go by from the play head on; from the start where it is at the end.
func (s *Session) Play() { s.command(play{true}) }

// Pause stops playing.
func (s *Session) Pause() { s.command(play{false}) }

// Seek moves the play head to where so many weeks have gone by.
func (s *Session) Seek(week int) { s.command(seek{week, false}) }

// Step moves the play head by some weeks, back where they are below 0, and pauses.
func (s *Session) Step(weeks int) { s.command(seek{weeks, true}) }

// SetSpeed says how many weeks go by in a second of playing.
func (s *Session) SetSpeed(weeks float64) { s.command(speed{weeks}) }
