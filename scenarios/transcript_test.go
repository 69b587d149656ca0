package scenarios

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/rogpeppe/go-internal/txtar"

	"exodus/agents"
	"exodus/sim"
)

// A transcript is a small market, told: a file market.toml, and a file transcript with commands and what they
// print. The commands are
//
//	> week 3          lives up to the start of week 3
//	> board           the vendors, as of last week
//	> labs Alpha      what labs have to do with a vendor
//	> decision Rival  how a lab decided last week
//	> log             what happened since the last log
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s, err := Parse("market.toml", archive.Files[0].Data)
			if err != nil {
				t.Fatal(err)
			}
			transcript := &archive.Files[1]
			got := tell(t, s, string(transcript.Data))
			if *update {
				transcript.Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(transcript.Data) {
				t.Errorf("the transcript is\n%s\nwant\n%s", got, transcript.Data)
			}
		})
	}
}

// tell lives the market as the commands in a transcript say, and returns them with what they print.
func tell(t *testing.T, s *Scenario, transcript string) string {
	plan, err := agents.Compile(s.Spec)
	if err != nil {
		t.Fatal(err)
	}
	market := agents.New(plan, sim.Luck{Seed: 1})
	recorder := agents.NewRecorder(market, agents.Options{Decisions: true})
	run, err := sim.Start(sim.Config{Worlds: []sim.World{market}, Phases: agents.Phases(), Observe: recorder.Observe})
	if err != nil {
		t.Fatal(err)
	}
	defer run.Stop()
	all, told := recorder.Trajectory(), 0
	var out strings.Builder
	for line := range strings.Lines(transcript) {
		command, ok := strings.CutPrefix(line, "> ")
		if !ok {
			continue
		}
		name, rest, _ := strings.Cut(strings.TrimSpace(command), " ")
		if out.Len() > 0 {
			out.WriteString("\n")
		}
		fmt.Fprintf(&out, "> %s\n", strings.TrimSpace(command))
		w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
		switch name {
		case "week":
			week, err := strconv.Atoi(rest)
			if err != nil {
				t.Fatal(err)
			}
			if err := run.To(t.Context(), week); err != nil {
				t.Fatal(err)
			}
		case "board":
			fmt.Fprintln(w, "vendor\trevenue\tload\tcapacity\tprice\tinquiries\t")
			for j, vendor := range all.Vendors {
				at := all.At(all.Weeks-1, j)
				fmt.Fprintf(w, "%s\t%.3f\t%.3f\t%.3f\t%.5f\t%.3f\t\n", vendor, all.Revenue[at], all.Load[at], all.Capacity[at], all.Price[at], all.Inquiries[at])
			}
		case "labs":
			j := slices.Index(all.Vendors, rest)
			fmt.Fprintln(w, "lab\tspend\ttrust\tconflict\tpremium\treviewing\tleft\t")
			for i, lab := range all.Labs {
				at := all.Rel(all.Weeks-1, i, j)
				fmt.Fprintf(w, "%s\t%.3f\t%.4f\t%.4f\t%.1f%%\t%.3g\t%.3g\t\n", lab, all.Spend[at], all.Trust[at], all.Conflict[at], 100*all.Premium[at],
					all.Reviewing[(all.Weeks-1)*len(all.Labs)+i], all.Left[at])
			}
		case "decision":
			for _, d := range all.Decisions {
				if d.Week == all.Weeks-1 && d.Lab == rest {
					fmt.Fprintf(&out, "budget %.3f, regret %.5f of %.3g, reviewing %v, for %q\n", d.Budget, d.Regret, d.Threshold, d.Reviewing, d.Cause)
					fmt.Fprintln(w, "vendor\tutility\tmix\tideal\ttarget\tkept\tasked\t")
					for j, vendor := range all.Vendors {
						fmt.Fprintf(w, "%s\t%.4f\t%.4f\t%.4f\t%.3f\t%.3f\t%.3f\t\n", vendor, d.Utility[j], d.Mix[j], d.Ideal[j], d.Target[j], d.Kept[j], d.Asked[j])
					}
				}
			}
		case "log":
			for _, e := range all.Log[told:] {
				fmt.Fprintf(&out, "week %d: %s: %s %s %.4g (%s)\n", e.Week, e.Agent, e.Event, e.Vendor, e.Value, e.Cause)
			}
			told = len(all.Log)
		default:
			t.Fatalf("unknown command %q", command)
		}
		w.Flush()
	}
	return out.String()
}
