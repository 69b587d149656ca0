package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// root is the directory of the module, seen from here.
const root = "../.."

// page is a text about the program: README, what is in docs, and the pages beside other files.
type page struct {
	path   string // from the root
	text   string
	prose  string // without its blocks
	blocks []block
}

// block is what stands between two fences.
type block struct {
	kind  string // what follows the first fence
	about string // what the comment on the line before it tells the tests
	text  string
	line  int
}

// pages are all of them.
func pages(t *testing.T) (all []page) {
	t.Helper()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != root || d.Name() == "testdata" || d.Name() == "out") {
			return fs.SkipDir
		}
		if err != nil || filepath.Ext(name) != ".md" {
			return err
		}
		text, err := os.ReadFile(name)
		rel, _ := filepath.Rel(root, name)
		all = append(all, readPage(t, filepath.ToSlash(rel), string(text)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("only %d pages", len(all))
	}
	return all
}

func readPage(t *testing.T, name, text string) page {
	p := page{path: name, text: text}
	var prose strings.Builder
	var open *block
	before := ""
	for i, line := range strings.Split(text, "\n") {
		kind, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open == nil:
			open = &block{kind: kind, line: i + 1}
			if comment, ok := strings.CutPrefix(before, "<!-- "); ok {
				open.about = strings.TrimSuffix(comment, " -->")
			}
		case fence:
			p.blocks = append(p.blocks, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		default:
			prose.WriteString(line + "\n")
		}
		before = line
	}
	if open != nil {
		t.Errorf("%s:%d: the block has no end", name, open.line)
	}
	p.prose = prose.String()
	return p
}

// docs are the pages that say how the program is used.
func docs(t *testing.T) []page {
	return slices.DeleteFunc(pages(t), func(p page) bool { return path.Dir(p.path) != "docs" && p.path != "README.md" })
}

func TestReadmeIsShort(t *testing.T) {
	text, err := os.ReadFile(root + "/README.md")
	if lines := bytes.Count(text, []byte("\n")); err != nil || lines > 130 {
		t.Errorf("README.md has %d lines: 130 are what a newcomer reads (%v)", lines, err)
	}
}

// anchor is what a heading is linked to by.
func anchor(heading string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(heading) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			b.WriteRune(r)
		case r == ' ':
			b.WriteByte('-')
		}
	}
	return b.String()
}

// Every link leads to a file that is there, and to a heading that the page has.
func TestLinks(t *testing.T) {
	headings := map[string][]string{}
	all := pages(t)
	for _, p := range all {
		for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(p.prose, -1) {
			headings[p.path] = append(headings[p.path], anchor(m[1]))
		}
	}
	linked := map[string]bool{"README.md": true}
	for _, p := range all {
		for _, m := range regexp.MustCompile(`\]\(([^)\s]*)\)`).FindAllStringSubmatch(p.prose, -1) {
			to, err := url.Parse(m[1])
			if err != nil || to.Scheme != "" {
				if err != nil || to.Scheme != "https" || to.Host == "" {
					t.Errorf("%s: the link %s is not an address", p.path, m[1])
				}
				continue
			}
			target := p.path
			if to.Path != "" {
				target = path.Join(path.Dir(p.path), to.Path)
			}
			linked[target] = true
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s: the link %s leads nowhere: %v", p.path, m[1], err)
			} else if to.Fragment != "" && !slices.Contains(headings[target], to.Fragment) {
				t.Errorf("%s: the link %s: %s has no such heading; it has %s", p.path, m[1], target, strings.Join(headings[target], ", "))
			}
		}
	}
	for _, p := range docs(t) {
		if !linked[p.path] {
			t.Errorf("no page links to %s", p.path)
		}
	}
}

// Pages are plain English: none of the phrases that a native reader would stop at.
func TestWordsOfPages(t *testing.T) {
	odd := regexp.MustCompile(`(?i)\b(hangs? on|(comes?|came) to (the same|something|this)|speaks? of|is there already|takes? (it|them) away|whoever|mend(s|ed)?|(is|are) no figure|be it)\b`)
	for _, p := range pages(t) {
		if m := odd.FindString(p.text); m != "" {
			t.Errorf("%s: %q is not what people say", p.path, m)
		}
	}
}

// comment is what a reader of a command is told beside it.
var comment = regexp.MustCompile(`\s+#\s.*$`)

// The commands of each page run in the order of the page, in a directory of its own: those of blocks of kind sh, and
// those of console, whose output is compared line by line, ... standing for any lines. A block of toml that begins with
// "# FILE.toml" is that file. "test adds" before a block gives the tests flags to put behind each of its commands: fewer
// runs for one that takes long, --help for one that needs a network, which is then only parsed.
func TestCommandsOfPages(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range docs(t) {
		t.Run(p.path, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.Symlink(self, filepath.Join(dir, "exodus")); err != nil {
				t.Fatal(err)
			}
			if m := regexp.MustCompile(`(?m)^\s*(EXODUS_TOKEN=\S+ )?\./exodus .*$`).FindString(p.prose); m != "" {
				t.Errorf("%s: the command %q stands in no block, so it is not run", p.path, strings.TrimSpace(m))
			}
			for _, b := range p.blocks {
				if name, ok := strings.CutPrefix(strings.SplitN(b.text, "\n", 2)[0], "# "); ok && b.kind == "toml" && strings.HasSuffix(name, ".toml") {
					if err := os.WriteFile(filepath.Join(dir, name), []byte(b.text), 0o666); err != nil {
						t.Fatal(err)
					}
				}
				adds, _ := strings.CutPrefix(b.about, "test adds: ")
				for _, step := range steps(b) {
					command := comment.ReplaceAllString(step.command, "")
					if !regexp.MustCompile(`^(EXODUS_TOKEN=\S+ )?\./exodus `).MatchString(command) {
						continue
					}
					if adds != "" {
						command += " " + adds
					}
					cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
					cmd.Dir = dir
					out, err := cmd.CombinedOutput()
					if err != nil {
						t.Errorf("%s:%d: %s: %v\n%s", p.path, b.line, command, err, out)
					}
					if missing := unlike(strings.Split(string(out), "\n"), step.output); missing != "" {
						t.Errorf("%s:%d: %s does not print %q where the page does; it prints\n%s", p.path, b.line, command, missing, out)
					}
				}
			}
		})
	}
}

// step is a command of a block, and the lines that the page shows of what it prints.
type step struct {
	command string
	output  []string
}

func steps(b block) (all []step) {
	for line := range strings.Lines(b.text) {
		line = strings.TrimRight(line, "\n")
		switch command, ok := strings.CutPrefix(line, "$ "); {
		case b.kind == "sh":
			all = append(all, step{command: line})
		case b.kind == "console" && ok:
			all = append(all, step{command: command})
		case b.kind == "console" && len(all) > 0:
			last := &all[len(all)-1]
			last.output = append(last.output, line)
		}
	}
	return all
}

// unlike is the first line that is shown and not printed, in its place: behind the one before, or after ... somewhere
// behind it.
func unlike(printed, shown []string) string {
	at, anywhere := 0, false
	for _, line := range shown {
		if line == "..." {
			anywhere = true
			continue
		}
		i := at
		for anywhere && i < len(printed) && printed[i] != line {
			i++
		}
		if i >= len(printed) || printed[i] != line {
			return line
		}
		at, anywhere = i+1, false
	}
	return ""
}

// spans are what a page writes as code within a line.
func (p page) spans() (all []string) {
	for _, m := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(p.prose, -1) {
		all = append(all, m[1])
	}
	return all
}

// commands are the command lines of a page, in blocks and within lines.
func (p page) commands() (all []string) {
	all = p.spans()
	for _, b := range p.blocks {
		for _, s := range steps(b) {
			all = append(all, comment.ReplaceAllString(s.command, ""))
		}
	}
	return all
}

// What a page names is there: targets of make, packages and tests of go, commands and flags of the program, files.
func TestNamesOfPages(t *testing.T) {
	makefile, err := os.ReadFile(root + "/Makefile")
	if err != nil {
		t.Fatal(err)
	}
	flags, names := helpOf(t), named(t)
	for _, p := range pages(t) {
		if p.path == "CHANGELOG.md" { // which names what there was
			continue
		}
		for _, line := range p.commands() {
			for _, m := range regexp.MustCompile(`(?:^|\s)make ([a-z]+)`).FindAllStringSubmatch(line, -1) {
				if !regexp.MustCompile(`(?m)^`+m[1]+`:`).Match(makefile) && !strings.Contains(p.prose, "in the package") {
					t.Errorf("%s: %s: there is no target %s", p.path, line, m[1])
				}
			}
			if m := regexp.MustCompile(`\./?exodus ([a-z]+)`).FindStringSubmatch(line); m != nil && flags[m[1]] == "" {
				t.Errorf("%s: %s: there is no command %s", p.path, line, m[1])
			}
			if regexp.MustCompile(`^(EXODUS_UPDATE=1 |CGO_ENABLED=[01] )*go `).MatchString(line) {
				if err := goLine(line); err != nil {
					t.Errorf("%s: %s: %v", p.path, line, err)
				}
			} else if strings.HasPrefix(line, "--") {
				flag := regexp.MustCompile(`^--[a-z-]+`).FindString(line)
				if !strings.Contains(flags[""], flag+" ") {
					t.Errorf("%s: no command has the flag %s", p.path, flag)
				}
			} else if m := regexp.MustCompile(`^(\w+)\.[A-Za-z]\w*(\.[A-Z]\w*)?$`).FindStringSubmatch(line); m != nil && path.Dir(p.path) == "docs" && (names[m[1]] || unicode.IsUpper(rune(m[1][0]))) && !files.MatchString(line) {
				if !names[line] {
					t.Errorf("%s: no name %s is declared", p.path, line)
				}
			} else if ours.MatchString(line) {
				if found, err := filepath.Glob(filepath.Join(root, line)); err != nil || len(found) == 0 {
					t.Errorf("%s: there is no %s", p.path, line)
				}
			}
		}
	}
}

// named are the exported and other names of our packages, as NAME and TYPE.NAME behind the package's.
func named(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, p := range list(t, "-e", "./...") {
		for _, file := range slices.Concat(p.GoFiles, p.CgoFiles) {
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			pkg := f.Name.Name
			names[pkg] = true
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					of := pkg
					if n.Recv != nil {
						of += "." + strings.TrimLeft(types.ExprString(n.Recv.List[0].Type), "*")
						names[pkg+"."+strings.TrimPrefix(of, pkg+".")+"."+n.Name.Name] = true
						of = strings.TrimPrefix(of, pkg+".")
					}
					names[of+"."+n.Name.Name] = true
					return false
				case *ast.TypeSpec:
					names[pkg+"."+n.Name.Name] = true
					if s, ok := n.Type.(*ast.StructType); ok {
						for _, field := range s.Fields.List {
							for _, id := range field.Names {
								names[n.Name.Name+"."+id.Name] = true
							}
						}
					}
				case *ast.ValueSpec:
					for _, id := range n.Names {
						names[pkg+"."+id.Name] = true
					}
				}
				return true
			})
		}
	}
	return names
}

// files are what looks like one that the program writes.
var files = regexp.MustCompile(`\.(json|csv|parquet|toml|svg|png|html|out|txt)$`)

// ours is what looks like a file or a directory of the repository.
var ours = regexp.MustCompile(`^(agents|sim|scenarios|app|assets|docs|findings|\.ci)/[\w/.*-]*$`)

// goLine says what is wrong with the packages and tests that a command of go names.
func goLine(line string) error {
	words := strings.Fields(line)
	var dirs []string
	for _, w := range words {
		if strings.HasPrefix(w, "./") && !strings.Contains(w, "=") {
			dir := filepath.Join(root, strings.TrimSuffix(w, "..."))
			if info, err := os.Stat(dir); err != nil || !info.IsDir() {
				return fmt.Errorf("there is no package %s", w)
			}
			dirs = append(dirs, dir)
		}
	}
	for i, w := range words {
		if !slices.Contains([]string{"-run", "-bench", "-fuzz"}, w) || i+1 == len(words) || words[i+1] == "." {
			continue
		}
		for name := range strings.SplitSeq(strings.Trim(words[i+1], "'^$"), "|") {
			if name = strings.TrimPrefix(name, "Benchmark"); !tested(dirs, strings.Split(name, "/")[0]) {
				return fmt.Errorf("no test there is called %s", name)
			}
		}
	}
	return nil
}

func tested(dirs []string, name string) bool {
	for _, dir := range dirs {
		files, _ := filepath.Glob(filepath.Join(dir, "*_test.go"))
		for _, file := range files {
			text, _ := os.ReadFile(file)
			if regexp.MustCompile(`func (Test|Benchmark|Fuzz|Example)\w*` + strings.TrimPrefix(strings.TrimPrefix(name, "Fuzz"), "Test")).Match(text) {
				return true
			}
		}
	}
	return false
}

// helpOf is what each command says about itself, by its name, and under "" what all of them say.
func helpOf(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	read := func(args ...string) string {
		out, err := exec.CommandContext(t.Context(), "exodus", append(args, "--help")...).CombinedOutput()
		if err != nil {
			t.Fatalf("exodus %s --help: %v\n%s", args, err, out)
		}
		texts[""] += string(out) + " "
		return string(out)
	}
	list := regexp.MustCompile(`(?m)^  ([a-z]+) +[A-Z]`)
	texts["exodus"] = read()
	for _, m := range list.FindAllStringSubmatch(texts["exodus"], -1) {
		texts[m[1]] = read(m[1])
	}
	for _, m := range list.FindAllStringSubmatch(texts["scenarios"], -1) {
		read("scenarios", m[1])
	}
	return texts
}
