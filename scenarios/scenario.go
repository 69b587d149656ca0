package scenarios

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"time"

	"exodus/agents"
)

// Scenario is a market with its dates, variants, evidence and facts.
type Scenario struct {
	Name, Title, About string
	Start              time.Time // midnight UTC of the first day of week 0
	Spec               agents.Spec
	Variants           []Variant // of the file, in its order
	Evidence           []Evidence
	Facts              []Fact

	Variant string   // the one applied, or ""
	Changes []string // those applied beyond, "path=value" each

	File   string // where it was read
	Source []byte // as it was read

	tree    *node                // of the file, before variant and changes
	applied *node                // with them
	lead    *lead                // of the file: see Focus
	dates   map[string]time.Time // of events, by their names
}

//go:embed *.toml
var builtin embed.FS

// Names are those of the built-in scenarios.
func Names() []string {
	files, _ := fs.Glob(builtin, "*.toml") // the pattern is well formed
	for i, f := range files {
		files[i] = strings.TrimSuffix(f, ".toml")
	}
	return files
}

// Load reads a scenario: a built-in one by its name, or a file by its path.
func Load(nameOrPath string) (*Scenario, error) {
	src, err := Read(nameOrPath)
	if err != nil {
		return nil, err
	}
	if IsBuiltin(nameOrPath) {
		nameOrPath += ".toml"
	}
	return Parse(nameOrPath, src)
}

// IsBuiltin says whether a name is that of a built-in scenario.
func IsBuiltin(name string) bool { return slices.Contains(Names(), name) }

// Read reads the text of a scenario, right or wrong: of a built-in one by its name, or of a file by its path.
func Read(nameOrPath string) ([]byte, error) {
	if IsBuiltin(nameOrPath) {
		return builtin.ReadFile(nameOrPath + ".toml")
	}
	return read(nameOrPath)
}

// read reads a file, or says what would be right.
func read(path string) ([]byte, error) {
	if strings.TrimSpace(path) == "" {
		return nil, fmt.Errorf("the name of a scenario is blank; give a file, or one of %s", strings.Join(Names(), ", "))
	}
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(path, `./\`):
		return nil, fmt.Errorf("%s: there is no such scenario or file%s", path, agents.Nearest(path, Names()))
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: there is no such file", path)
	case err != nil:
		return nil, fmt.Errorf("%s: cannot be read: %w", path, plain(err))
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	switch {
	case errors.Is(err, syscall.EISDIR):
		return nil, fmt.Errorf("%s: this is a directory; name a scenario file, such as %s", path, filepath.Join(path, "mine.toml"))
	case err != nil:
		return nil, fmt.Errorf("%s: cannot be read: %w", path, plain(err))
	case len(src) > mostBytes:
		return nil, fmt.Errorf("%s: over %d bytes; a scenario is smaller", path, mostBytes)
	}
	return src, nil
}

// plain drops what an error of the operating system says of the path, which the caller says.
func plain(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// Parse reads a scenario from the content of a file. Its error is all that is wrong, as [Errors]. Every
// variant of the file is checked too.
func Parse(file string, src []byte) (*Scenario, error) {
	name := Normal(strings.TrimSuffix(filepath.Base(file), ".toml"))
	if found := hiddenIn(name, false); found != "" {
		return nil, Errors{{File: file, Text: fmt.Sprintf("the file's name has %s; rename it", found)}}
	}
	tree, err := parse(file, src)
	if err != nil {
		return nil, err
	}
	s := &Scenario{Name: name, File: file, Source: src, tree: tree, applied: tree}
	d := &decoder{file: file}
	s.findLead(s.decode(d, tree))
	s.checkFocus(d)
	s.checkEvidence(d)
	s.checkFacts(d)
	if n := len(s.Variants); n > mostVariants {
		d.say(tree.table.at["variants"].place, "%d variants; a scenario has at most %d", n, mostVariants)
	}
	if len(d.errors) == 0 {
		for _, v := range s.Variants {
			w, err := s.With(v.Name, nil)
			if err != nil {
				d.errors = append(d.errors, err.(Errors).in(v.Name)...)
			} else {
				found := len(d.errors)
				w.checkEvidence(d)
				d.errors = append(d.errors[:found], Errors(d.errors[found:]).in(v.Name)...)
				s.checkWorld(d, w)
			}
			if d.enough() {
				break
			}
		}
	}
	if err := d.err(); err != nil {
		return nil, err
	}
	return s, nil
}

// mostVariants is how many a file may have: each is read and checked whole.
const mostVariants = 100

// Date is the first day of a week.
func (s *Scenario) Date(week int) time.Time { return s.Start.AddDate(0, 0, 7*week) }

// decode fills the scenario from a tree. It returns the name of the focus, where the tree states one.
func (s *Scenario) decode(d *decoder, tree *node) (focus string) {
	var f file
	d.start, _ = tree.keyed("start").date()
	d.structure(tree, "", reflect.ValueOf(&f).Elem())
	s.Title, s.About, s.Start = f.Title, f.About, f.Start
	s.Variants, s.Evidence, s.Facts = f.Variants, f.Evidence, f.Facts
	s.dates = map[string]time.Time{}
	s.Spec = agents.Spec{Weeks: f.Weeks, Model: f.Model, Uncertainty: f.Uncertainty, Labs: f.Labs, Vendors: f.Vendors, Owners: f.Owners, Events: f.Events}
	for i := range f.Events {
		e := &f.Events[i]
		e.Stated = map[string]bool{}
		stated := tree.table.at["events"].table.at[e.Name]
		for _, key := range stated.keys() {
			e.Stated[key] = true
		}
		if date, ok := stated.keyed("date").date(); ok && !d.about["events."+e.Name+".date"] {
			s.dates[e.Name] = date
		} else {
			d.undated = true // said already
		}
	}
	d.undated = d.undated || d.about["start"] || d.about["weeks"]
	for _, p := range s.Spec.Check() {
		if !d.follows(p.Path) {
			at, _ := find(tree, p.Path)
			d.say(at, "%s: %s", strings.Join(p.Path, "."), s.dated(p))
		}
	}
	return f.Focus
}

// follows says whether a problem with an input follows from one that was reported: with the input, a table around it, or
// what it depends on.
func (d *decoder) follows(path []string) bool {
	for n := len(path); n > 0; n-- {
		if d.about[strings.Join(path[:n], ".")] {
			return true
		}
	}
	switch {
	case path[0] == "events":
		return d.undated
	case path[0] == "vendors" && len(path) == 2: // that nobody buys from it
		for about := range d.about {
			if strings.HasPrefix(about, "labs.") && strings.Contains(about, ".spend") {
				return true
			}
		}
	}
	return false
}

// err is all that was found, in the order of the file.
func (d *decoder) err() error {
	if len(d.errors) == 0 {
		return nil
	}
	slices.SortStableFunc(d.errors, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.CompactFunc(d.errors, func(a, b Error) bool { return a == b })
}

// dated puts the dates of the run to a problem with one.
func (s *Scenario) dated(p agents.Problem) string {
	if p.Path[len(p.Path)-1] == "date" && !s.Start.IsZero() {
		return fmt.Sprintf("%s, %s to %s", p.Text, s.Start.Format(time.DateOnly), s.Date(s.Spec.Weeks).AddDate(0, 0, -1).Format(time.DateOnly))
	}
	return p.Text
}

// Until makes the scenario end after some weeks, be it sooner or later than its file says. What would happen
// after its end does not.
func (s *Scenario) Until(weeks int) *Scenario {
	short := *s
	short.Spec.Weeks = weeks
	short.Spec.Events = nil
	for _, e := range s.Spec.Events {
		if e.Week < weeks {
			short.Spec.Events = append(short.Spec.Events, e)
		}
	}
	return &short
}

// weeksBetween is how many whole weeks a day lies after another, rounded down.
func weeksBetween(from, to time.Time) int {
	days := int((to.Unix() - from.Unix()) / (24 * 60 * 60)) // a time.Duration ends at 292 years
	if days < 0 {
		return (days - 6) / 7
	}
	return days / 7
}

// find returns the place of a path in a tree, or of the nearest table around it.
func find(tree *node, path []string) (at place, whole bool) {
	n := tree
	for _, key := range path {
		if n.table == nil || n.table.at[key] == nil {
			return n.place, false
		}
		n = n.table.at[key]
	}
	return n.place, true
}

// checkEvidence checks that what is evidenced exists.
func (s *Scenario) checkEvidence(d *decoder) {
	for _, e := range s.Evidence {
		at, _ := find(s.tree, []string{"evidence", e.Path})
		path, err := ParsePath(e.Path)
		if err == nil {
			err = s.resolve(path, d.near)
		}
		if err != nil {
			d.say(at, "evidence for %s: %v", e.Path, err)
		}
	}
}

// Known returns the evidence for an input: that for its path, else for the nearest table around it.
func (s *Scenario) Known(path []string) (Evidence, bool) {
	for n := len(path); n > 0; n-- {
		for _, e := range s.Evidence {
			if of, err := ParsePath(e.Path); err == nil && slices.Equal(of, path[:n]) {
				return e, true
			}
		}
	}
	return Evidence{}, false
}
