// What is here holds the lines between the rooms of the house.
package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pkg is what go list says of a package.
type pkg struct {
	ImportPath        string
	Dir               string
	GoFiles, CgoFiles []string
	Imports, Deps     []string
}

func list(t *testing.T, args ...string) (packages []pkg) {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,GoFiles,CgoFiles,Imports,Deps"}, args...)...)
	cmd.Dir = "../.."
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); err == io.EOF {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// rooms are what each part of the house may import of the others.
var rooms = map[string]string{
	"exodus/assets":               "",
	"exodus/sim":                  "",
	"exodus/sim/study":            "sim",
	"exodus/sim/cluster":          "sim/study",
	"exodus/agents":               "sim",
	"exodus/agents/field":         "",
	"exodus/scenarios":            "sim sim/study agents",
	"exodus/scenarios/ask":        "sim sim/study agents scenarios",
	"exodus/scenarios/facts":      "sim sim/study agents scenarios",
	"exodus/scenarios/words":      "",
	"exodus/app/internal/canvas":  "",
	"exodus/app/internal/results": "agents scenarios",
	"exodus/app/internal/receipt": "sim sim/study app/internal/canvas app/internal/store",
	"exodus/app/internal/figure":  "sim sim/study agents scenarios scenarios/facts app/internal/canvas app/internal/receipt app/internal/store app/internal/results",
	"exodus/app/internal/store":   "sim sim/study agents scenarios scenarios/facts app/internal/results",
	"exodus/app/internal/session": "sim sim/study agents scenarios scenarios/facts app/internal/store app/internal/results",
	"exodus/app/internal/desktop": "sim agents scenarios scenarios/facts app/internal/figure app/internal/receipt app/internal/report app/internal/session app/internal/store app/internal/results",
	"exodus/app/internal/locale":  "",
	"exodus/app/internal/report":  "sim sim/study agents scenarios scenarios/facts app/internal/figure app/internal/store app/internal/results",
	"exodus/app/internal/cli":     "sim sim/study sim/cluster agents scenarios scenarios/facts scenarios/ask app/internal/figure app/internal/receipt app/internal/report app/internal/store app/internal/results",
	"exodus/app/exodus":           "app/internal/cli",
	"exodus/app":                  "assets app/internal/desktop app/internal/locale app/internal/session app/internal/store",
}

func TestRooms(t *testing.T) {
	for _, p := range list(t, "-e", "./...") {
		may, known := rooms[p.ImportPath]
		if !known {
			t.Errorf("%s is in no room; say what it may import", p.ImportPath)
		}
		for _, imported := range p.Imports {
			room, ours := strings.CutPrefix(imported, "exodus/")
			if room == "scenarios/words" || room == "agents/field" { // leaves, which all may use
				continue
			}
			if ours && !slices.Contains(strings.Fields(may), room) {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}

// Only the desktop knows of windows, and only its program of the screen.
func TestWindows(t *testing.T) {
	for _, p := range list(t, "-e", "./...") {
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, "fyne.io/") && p.ImportPath != "exodus/app" && p.ImportPath != "exodus/app/internal/desktop" {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
			if imported == "fyne.io/fyne/v2/app" && p.ImportPath != "exodus/app" {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}

// The headless program is pure Go, without a window.
func TestHeadless(t *testing.T) {
	main := list(t, "./app/exodus")[0]
	for _, dep := range main.Deps {
		if dep == "C" || strings.HasPrefix(dep, "fyne.io/") {
			t.Errorf("the headless program depends on %s", dep)
		}
	}
	for _, p := range list(t, "-deps", "./app/exodus") {
		if len(p.CgoFiles) > 0 {
			t.Errorf("%s needs a C compiler", p.ImportPath)
		}
	}
}

// What would make a run depend on anything but its inputs stays out of the engine and the market: clocks, other
// randomness, the outside world, and functions whose bits depend on the processor.
func TestDeterminism(t *testing.T) {
	banned := []string{"time", "math/rand", "math/rand/v2", "os", "net", "golang.org/x/exp/rand"}
	calls := regexp.MustCompile(`\bmath\.(Exp|Exp2|Expm1|Log|Log2|Log10|Log1p|Pow|FMA|Sin|Cos|Tan|Tanh|Gamma|Erf|Cbrt)\b`)
	for _, p := range list(t, "./sim/...", "./agents/...") {
		if p.ImportPath == "exodus/sim/cluster" { // which runs nothing itself
			continue
		}
		for _, name := range p.GoFiles {
			path := filepath.Join(p.Dir, name)
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range f.Imports {
				if imported, _ := strconv.Unquote(i.Path.Value); slices.Contains(banned, imported) {
					t.Errorf("%s imports %s", path, imported)
				}
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if call, ok := n.(*ast.SelectorExpr); ok && calls.MatchString(types.ExprString(call)) {
					t.Errorf("%s calls %s; use sim.Exp and sim.Log", path, types.ExprString(call))
				}
				return true
			})
		}
	}
}

// The compiler fuses no multiplication with an addition in the engine and the market, on processors that could:
// a product that meets a sum is written float64(x*y) + z.
func TestNothingIsFused(t *testing.T) {
	fused := regexp.MustCompile(`\((\S+\.go:\d+)\)\s+(F?N?M(ADD|SUB)[DS]?|FN?M(ADD|SUB)\w*|WFM[AS]DB|VFN?M(ADD|SUB)\w+)\s+(F|V)`)
	for _, platform := range [][]string{{"GOARCH=arm64"}, {"GOARCH=ppc64le"}, {"GOARCH=s390x"}, {"GOARCH=riscv64"}, {"GOARCH=amd64", "GOAMD64=v3"}} {
		cmd := exec.Command("go", "build", "-gcflags=-S", "./sim", "./agents")
		cmd.Dir = "../.."
		cmd.Env = append(cmd.Environ(), append(platform, "CGO_ENABLED=0", "GOOS=linux")...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%.2000s", platform, err, out)
		}
		if !strings.Contains(string(out), "agents/lab.go") {
			t.Fatalf("%v: the compiler printed no code of the market", platform)
		}
		for _, m := range fused.FindAllStringSubmatch(string(out), 10) {
			t.Errorf("%v: %s is fused: %s", platform, m[1], m[2])
		}
	}
}
