package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"exodus/scenarios"
	"exodus/sim/study"
)

// An answer is read back as it was, and with it the market that it is about; one that was changed is refused.
func TestAnswer(t *testing.T) {
	s, err := scenarios.Load("meta-scale")
	if err != nil {
		t.Fatal(err)
	}
	estimate := study.Estimate{Value: 0.1, Low: 0.05, High: 0.2}
	sensitive := NewAnswer(s)
	sensitive.Sensitivity = &Sensitivity{
		Question: Question{Metric: "share.Scale@26", Method: "sobol", Runs: 2, Seed: 7}, Measured: 12, Columns: []string{"total", "first"},
		Inputs: []Effect{{"model.herding", 0, 1, []study.Estimate{estimate, estimate}}}, Between: 3, Within: 1,
	}
	calibrated := NewAnswer(s)
	calibrated.Calibration = &Calibration{
		Method: "abc", Points: 9, Runs: 2, Seed: 7, Tried: 9, Kept: 3, Variant: "there",
		Added:  "\n[variants.there]\ntitle = \"There\"\nmodel.herding = 0.75\n",
		Inputs: []Left{{"model.herding", 0, 1, 0.75, &[2]float64{0.5, 0.9}}},
	}

	for name, a := range map[string]*Answer{"sensitivity": sensitive, "calibration": calibrated} {
		dir := t.TempDir()
		file, err := a.File()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, file.Name)
		if err := os.WriteFile(path, file.Content, 0o666); err != nil {
			t.Fatal(err)
		}
		r, err := Read(t.Context(), dir)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := r.Answer.File()
		if err != nil || string(again.Content) != string(file.Content) {
			t.Errorf("%s: read back otherwise (%v):\n%s", name, err, again.Content)
		}
		herding, variant := 0.25, ""
		if a.Calibration != nil {
			herding, variant = 0.75, "there"
		}
		if in, _ := r.Scenario.Input("model.herding"); in.Value != herding || r.Scenario.Variant != variant {
			t.Errorf("%s: the market has herding %g in variant %q; %g in %q is asked for", name, in.Value, r.Scenario.Variant, herding, variant)
		}
		if r.Receipt.Luck.Seed != 7 || r.Digest != r.Trajectory.Digest() {
			t.Errorf("%s: seed %d, digest %s", name, r.Receipt.Luck.Seed, r.Digest)
		}
		for _, change := range [][3]string{
			{`"weeks": 104`, `"weeks": 99999`, "a run has 1 to 5200"},
			{`"exodus_answer": 1`, `"exodus_answer": 7`, "this version reads format 1"},
			{`"exodus_answer": 1`, `"exodus_answer": `, "no answer of exodus sensitivity or calibrate"},
			{`"sensitivity"`, `"insensitivity"`, "no answer, or two"},
			{`"share.Scale@26"`, `""`, "no metric"},
			{`"first"`, `"first", "second"`, "model.herding has 2 estimates; there are 3 columns"},
			{`"method": "abc"`, `"method": "fit"`, "does not say what fit leaves"},
			{`"inputs"`, `"outputs"`, "no inputs"},
			{"herding = 0.75", "heading = 0.75", "not one that this version reads"},
		} {
			changed := strings.Replace(string(file.Content), change[0], change[1], 1)
			if changed == string(file.Content) {
				continue
			}
			if err := os.WriteFile(path, []byte(changed), 0o666); err != nil {
				t.Fatal(err)
			}
			if _, err := Read(t.Context(), dir); err == nil || !strings.Contains(err.Error(), change[2]) {
				t.Errorf("%s: with %s it says %v; wanted %q", name, change[1], err, change[2])
			}
		}
	}
}
