package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// In the drawing of the layers, what a package imports stands below it; and the page names every package.
func TestLayers(t *testing.T) {
	text, err := os.ReadFile(root + "/docs/code.md")
	if err != nil {
		t.Fatal(err)
	}
	page := readPage(t, "docs/code.md", string(text))
	at := map[string]int{}
	for i, line := range strings.Split(page.blocks[0].text, "\n") {
		for _, word := range strings.Fields(line) {
			if _, ours := rooms["exodus/"+word]; ours && at[word] == 0 {
				at[word] = i + 1
			}
		}
	}
	for _, p := range list(t, "-e", "./...") {
		name := strings.TrimPrefix(p.ImportPath, "exodus/")
		if at[name] == 0 && !slices.Contains(page.spans(), name) {
			t.Errorf("docs/code.md does not name %s", name)
		}
		for _, imported := range p.Imports {
			below := strings.TrimPrefix(imported, "exodus/")
			if at[name] > 0 && at[below] > 0 && at[below] <= at[name] {
				t.Errorf("%s imports %s, which stands no lower in the drawing of docs/code.md", name, below)
			}
		}
	}
}

// What docs/code.md says of how to add something is done in a copy of the module, section by section, each on top of those
// before: its diffs are applied, and its commands run.
func TestRecipes(t *testing.T) {
	text, err := os.ReadFile(root + "/docs/code.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	copyModule(t, dir)
	_, text2, _ := strings.Cut(string(text), "\n## How to add ")
	for section := range strings.SplitSeq(text2, "\n## How to add ") {
		name, body, _ := strings.Cut(section, "\n")
		for _, b := range readPage(t, name, body).blocks {
			if file, ok := strings.CutPrefix(b.kind, "diff "); ok {
				if err := change(filepath.Join(dir, file), b.text); err != nil {
					t.Fatalf("how to add %s: %s: %v", name, file, err)
				}
			}
			for _, step := range steps(b) {
				cmd := exec.CommandContext(t.Context(), "sh", "-c", comment.ReplaceAllString(step.command, ""))
				cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
				out, err := cmd.CombinedOutput()
				if err == nil && strings.Contains(string(out), "[no test") {
					err = errors.New("nothing is tested")
				}
				if err != nil {
					t.Fatalf("how to add %s: %s: %v\n%s", name, step.command, err, out)
				}
			}
		}
	}
	// Nothing that was added changes a run by being there.
	before, err := exec.CommandContext(t.Context(), "exodus", "run", "meta-scale", "--json", "--out", filepath.Join(t.TempDir(), "out")).Output()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "run", "./app/exodus", "run", "meta-scale", "--json", "--out", filepath.Join(t.TempDir(), "out"))
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	after, err := cmd.Output()
	if err != nil || digest(before) != digest(after) || digest(before) == "" {
		t.Errorf("the reference case has digest %q, and %q with what was added: %v", digest(before), digest(after), err)
	}
}

func digest(summary []byte) string {
	for line := range strings.Lines(string(summary)) {
		if strings.Contains(line, `"digest"`) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// copyModule copies what a build needs, and the tests without their data.
func copyModule(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, name)
		if d.IsDir() {
			if rel != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || rel == "out" || rel == "dist") {
				return fs.SkipDir
			}
			return os.MkdirAll(filepath.Join(dir, rel), 0o777)
		}
		if !d.Type().IsRegular() {
			return nil
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, rel), content, 0o666)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// change applies a diff without line numbers to a file: lines that begin with a blank or - are found there, in their
// order, "..." at the end of one standing for the rest of the line. A file that is not there is made.
func change(file, diff string) error {
	content, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	lines := strings.Split(string(content), "\n")
	at := 0 // where a line is added
	for line := range strings.Lines(diff) {
		line = strings.TrimRight(line, "\n")
		if line == "" {
			line = " "
		}
		kind, text := line[0], line[1:]
		if kind == '+' {
			lines = append(lines[:at], append([]string{text}, lines[at:]...)...)
			at++
			continue
		}
		if text == "" {
			continue
		}
		for ; at < len(lines) && !matches(lines[at], text); at++ {
		}
		if at == len(lines) {
			return fmt.Errorf("it has no line %q here", text)
		}
		if kind == '-' {
			lines = append(lines[:at], lines[at+1:]...)
		} else {
			at++
		}
	}
	return os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o666)
}

func matches(line, want string) bool {
	line, want = strings.TrimSpace(line), strings.TrimSpace(want)
	if start, ok := strings.CutSuffix(want, "..."); ok {
		return strings.HasPrefix(line, start)
	}
	return line == want
}
