package cli

import (
	"fmt"
	"io"
	"runtime"
	"slices"

	"exodus/scenarios"
	"exodus/sim/study"
)

// labMemory is about how many bytes a lab takes while its market runs, most of them the stack of its goroutine.
const labMemory = 3_400

// muchMemory is how much is worth a word before it is taken, in bytes.
const muchMemory = 1 << 30

// warnOfMemory says how much memory runs of so many labs will take, where that is much. As many run at once as there are
// workers; 0 is one for each processor.
func warnOfMemory(w io.Writer, labs, runs, workers int) {
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	atOnce := max(1, min(runs, workers))
	if bytes := float64(labs) * labMemory * float64(atOnce); bytes >= muchMemory {
		fmt.Fprintf(w, "%s will take about %.1f GB of memory", count(labs, "lab"), bytes/1e9)
		if atOnce > 1 {
			fmt.Fprintf(w, ", for %d runs at once", atOnce)
		}
		fmt.Fprintln(w, ".")
	}
}

// labsOf is how many labs there are, all lines together.
func labsOf(s *scenarios.Scenario) (n int) {
	for _, l := range s.Spec.Labs {
		n += l.Count
	}
	return n
}

// mostLabs is how many labs a study has in the variant and at the point where there are most.
func mostLabs(s *scenarios.Scenario, p *study.Plan) (most int) {
	points := 1 // all are alike, unless the design varies how many there are
	if slices.ContainsFunc(p.Params, func(path string) bool {
		keys, err := scenarios.ParsePath(path)
		return err == nil && len(keys) == 3 && keys[0] == "labs" && keys[2] == "count"
	}) {
		points = len(p.Points)
	}
	for point := range points {
		for _, variant := range p.Variants {
			if there, err := s.At(p, point, variant); err == nil { // what is wrong is said when the plan is checked
				most = max(most, labsOf(there))
			}
		}
	}
	return most
}
