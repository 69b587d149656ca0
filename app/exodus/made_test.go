package main

import (
	"encoding/csv"
	"fmt"
	"go/doc"
	doccomment "go/doc/comment"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"exodus/agents"
	"exodus/app/internal/figure"
	"exodus/scenarios/words"
)

// made are the parts of pages that come from the program: what stands between "made by the tests: NAME" and "end".
var made = map[string]func(t *testing.T) string{
	"commands":   commandTable,
	"figures":    figureTable,
	"columns":    columnTable,
	"parameters": parameterTable,
	"metrics":    metricTable,
	"kinds":      kindTable,
	"model":      modelText,
}

// With EXODUS_UPDATE=1 the parts are written anew.
func TestMadeParts(t *testing.T) {
	part := regexp.MustCompile(`(?s)(<!-- made by the tests: (\w+) -->\n)(.*?)(<!-- end -->)`)
	used := map[string]bool{}
	for _, p := range pages(t) {
		now := part.ReplaceAllStringFunc(p.text, func(old string) string {
			m := part.FindStringSubmatch(old)
			make := made[m[2]]
			if make == nil {
				t.Fatalf("%s: nothing makes %s", p.path, m[2])
			}
			used[m[2]] = true
			text := strings.TrimSpace(make(t))
			if strings.Count(text, "\n") < 5 {
				t.Errorf("%s has hardly anything in it:\n%s", m[2], text)
			}
			return m[1] + "\n" + text + "\n\n" + m[4]
		})
		if now == p.text {
			continue
		}
		if os.Getenv("EXODUS_UPDATE") == "" {
			t.Errorf("%s is not what the program says now; look at what changed after EXODUS_UPDATE=1 go test ./app/exodus -run MadeParts", p.path)
		} else if err := os.WriteFile(filepath.Join(root, p.path), []byte(now), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for name := range made {
		if !used[name] {
			t.Errorf("no page has the part %s", name)
		}
	}
}

// row is a line of a table. The bar in a cell would end it.
func row(cells ...string) string {
	for i := range cells {
		cells[i] = strings.ReplaceAll(cells[i], "|", `\|`)
	}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

func table(header ...string) string {
	return row(header...) + strings.Repeat("|---", len(header)) + "|\n"
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

func kindTable(*testing.T) string {
	text := table("kind", "states", "what it does")
	for i := range agents.Kinds {
		k := &agents.Kinds[i]
		text += row(code(k.Name), k.Fields(), k.Does)
	}
	return text
}

func commandTable(t *testing.T) string {
	text := table("command", "what it does")
	for _, m := range regexp.MustCompile(`(?m)^  ([a-z]+) +([A-Z].*)$`).FindAllStringSubmatch(helpOf(t)["exodus"], -1) {
		text += row(code(m[1]), m[2])
	}
	return text
}

func figureTable(t *testing.T) string {
	text := table("figure", "what it shows")
	for _, k := range figure.Kinds {
		text += row(code(k.Name), k.Doc)
	}
	return text
}

// columnTable is read from what a run and a study write.
func columnTable(t *testing.T) string {
	dir := t.TempDir()
	for _, args := range []string{"run meta-scale --decisions --no-figures --out run", "batch meta-scale --runs 2 --full --against no-deal --out batch"} {
		cmd := exec.CommandContext(t.Context(), "exodus", strings.Fields(args)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("exodus %s: %v\n%s", args, err, out)
		}
	}
	text := table("file", "columns")
	for _, of := range []string{"run/*.csv", "batch/*.csv", "batch/*.parquet", "batch/parts/part-*0.parquet", "batch/parts/relations-*0.parquet"} {
		files, err := filepath.Glob(filepath.Join(dir, of))
		if err != nil || len(files) == 0 {
			t.Fatalf("no %s was written: %v", of, err)
		}
		for _, file := range files {
			name, _ := filepath.Rel(dir, file)
			name = regexp.MustCompile(`^\w+/`).ReplaceAllString(regexp.MustCompile(`-\d+`).ReplaceAllString(filepath.ToSlash(name), "-*"), "")
			text += row(code(name), strings.Join(columnsOf(t, file), ", "))
		}
	}
	return text
}

func columnsOf(t *testing.T, name string) (columns []string) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if filepath.Ext(name) == ".csv" {
		columns, err = csv.NewReader(f).Read()
	} else if info, statErr := f.Stat(); statErr != nil {
		err = statErr
	} else if file, openErr := parquet.OpenFile(f, info.Size()); openErr != nil {
		err = openErr
	} else {
		for _, column := range file.Schema().Columns() {
			if name := strings.Join(column, "."); strings.HasPrefix(name, "facts.") {
				columns = append(columns, "facts.ID")
			} else {
				columns = append(columns, name)
			}
		}
		columns = slices.Compact(columns)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return columns
}

func parameterTable(t *testing.T) string {
	text := table("input of `[model]`", "symbol", "default", "plausible", "unit", "meaning")
	for _, f := range reflect.VisibleFields(reflect.TypeFor[agents.Model]()) {
		tag := f.Tag.Get
		plausible := tag("low") + " to " + tag("high")
		if tag("drawn") == "" {
			plausible += ", not drawn"
		}
		symbol := tag("symbol")
		if symbol == tag("toml") {
			symbol = ""
		}
		text += row(code(tag("toml")), code(symbol), tag("default"), plausible, tag("unit"), tag("doc"))
	}
	return text
}

// metricTable is what the schema says of the metrics of facts.
func metricTable(t *testing.T) string {
	schema, err := os.ReadFile(root + "/scenarios/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`"What is measured; see the metrics\. \((.*)\)"`).FindSubmatch(schema)
	if m == nil {
		t.Fatal("the schema describes no metrics")
	}
	text := table("metric", "what it measures")
	metrics := regexp.MustCompile(`(?:^|; )([a-z_]+): `)
	at := metrics.FindAllStringSubmatchIndex(string(m[1]), -1)
	for i, x := range at {
		end := len(m[1])
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		text += row(code(string(m[1][x[2]:x[3]])), string(m[1][x[1]:end]))
	}
	return text
}

// modelText is what the package of the market says of itself, a level deeper than the headings of the page.
func modelText(t *testing.T) string {
	file, err := parser.ParseFile(token.NewFileSet(), root+"/agents/doc.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	var p doc.Package
	printer := p.Printer()
	printer.HeadingLevel = 2
	printer.HeadingID = func(*doccomment.Heading) string { return "" }
	printer.DocLinkBaseURL = ""
	_, text, _ := strings.Cut(string(printer.Markdown(p.Parser().Parse(file.Doc.Text()))), "## A week")
	text = regexp.MustCompile(`(?m)\[([\w.]+)\]\([^)]*\)`).ReplaceAllString("## A week"+text, "`$1`")
	return fenced(text)
}

// fenced puts fences around what is indented.
func fenced(text string) string {
	return regexp.MustCompile(`(?m)(^\t.*\n(\n?\t.*\n)*)`).ReplaceAllStringFunc(text, func(block string) string {
		return "```\n" + regexp.MustCompile(`(?m)^\t`).ReplaceAllString(block, "") + "```\n"
	})
}

// The picture of the README says what the median of 1,000 runs is, before the deal and at the end.
func TestPictureOfReadme(t *testing.T) {
	text, err := os.ReadFile(root + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "exodus", "batch", "meta-scale", "--runs", "1000", "--quiet", "--out", dir+"/out").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f, err := os.Open(dir + "/out/quantiles.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := func(name string) int { return slices.Index(rows[0], name) }
	medians := map[string]string{} // by date
	last := ""
	for _, row := range rows[1:] {
		if row[column("vendor")] == "Scale" && row[column("quantity")] == "share" {
			x, err := strconv.ParseFloat(row[column("q50")], 64)
			if err != nil {
				t.Fatal(err)
			}
			last = row[column("date")]
			medians[last] = words.Percent(x)
		}
	}
	want := fmt.Sprintf("from %s to %s after the deal", medians["2025-06-06"], medians[last])
	if !strings.Contains(string(text), want) {
		t.Errorf("the picture of README.md does not say that Scale falls %s", want)
	}
}
