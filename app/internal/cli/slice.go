package cli

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// slice is a share of a study's chunks: those whose number leaves the rest index when divided by count. How many
// slices there are does not hang on how many chunks there are: a slice may be empty.
type slice struct{ index, count int }

// mostSlices is how many shares a study may be cut into.
const mostSlices = 1_000_000

// arrays are what schedulers call the number of a task in an array, and the number of its first.
var arrays = []struct {
	id, first string
	from      int // where the first is not said
}{
	{"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", 0},
	{"JOB_COMPLETION_INDEX", "", 0},
	{"PBS_ARRAY_INDEX", "", 0},
	{"SGE_TASK_ID", "SGE_TASK_FIRST", 1},
}

// parseSlice reads i/n, or /n with i from the environment of a scheduler.
func parseSlice(text string, getenv func(string) string) (*slice, error) {
	if text == "" {
		return nil, nil
	}
	i, n, ok := strings.Cut(text, "/")
	s := &slice{}
	var err error
	if s.count, err = strconv.Atoi(n); !ok || err != nil || s.count < 1 || s.count > mostSlices {
		return nil, fmt.Errorf("--slice %s: i/n is needed, such as 0/16 for the first of 16 shares, or /16 in an array of a scheduler; n is 1 to %d", text, mostSlices)
	}
	if i != "" {
		if s.index, err = strconv.Atoi(i); err != nil || s.index < 0 || s.index >= s.count {
			return nil, fmt.Errorf("--slice %s: the share is %q; it goes from 0 to %d", text, i, s.count-1)
		}
		return s, nil
	}
	for _, a := range arrays {
		id := getenv(a.id)
		if id == "" || id == "undefined" { // as SGE says outside of an array
			continue
		}
		first := a.from
		if said := getenv(a.first); a.first != "" && said != "" {
			if first, err = strconv.Atoi(said); err != nil {
				return nil, fmt.Errorf("--slice %s: %s is %q, not a number", text, a.first, said)
			}
		}
		s.index, err = strconv.Atoi(id)
		if s.index -= first; err != nil || s.index < 0 || s.index >= s.count {
			return nil, fmt.Errorf("--slice %s: %s is %q; it goes from %d to %d", text, a.id, id, first, first+s.count-1)
		}
		return s, nil
	}
	var names []string
	for _, a := range arrays {
		names = append(names, a.id)
	}
	return nil, errors.New("--slice " + text + ": say which share, such as 0" + text + ", or run it in an array, which sets one of " + strings.Join(names, ", "))
}

// of are the chunks of the slice among some.
func (s *slice) of(chunks []int) (mine []int) {
	for _, c := range chunks {
		if c%s.count == s.index {
			mine = append(mine, c)
		}
	}
	return mine
}

// dir is where the slice is kept, in the directory that the user named.
func (s *slice) dir() string {
	return fmt.Sprintf("slice-%0*d-of-%d", len(strconv.Itoa(s.count-1)), s.index, s.count)
}

func (o *batchOptions) readSlice() (err error) {
	if o.share, err = parseSlice(o.sliced, os.Getenv); err != nil {
		return misuse{err}
	}
	if o.share != nil && o.until != "" {
		return misusef("--slice and --until: a share of the runs does not show when all of them are enough; choose one")
	}
	return nil
}
