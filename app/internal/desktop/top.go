package desktop

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"exodus/app/internal/session"
	"exodus/scenarios"
)

// topBar says what is looked at: the scenario, its variant, what it is compared with, how many runs, and which luck.
type topBar struct {
	root       fyne.CanvasObject
	window     *Window
	scenario   *widget.Select
	variant    *widget.Select
	compare    *widget.Select
	runs, seed *valueEntry
	undo, redo *iconButton
	changes    *changesChip
	left       *fyne.Container
	names      map[string]string // of the choices, by what they are called
	snap       *session.Snapshot
	binding    bool
	chosen     bool // by the reader, since the last snapshot
}

const nothing, openFile, otherFile = "nothing", "Open a file...", "Another file..."

func newTopBar(w *Window) *topBar {
	s := w.session
	t := &topBar{window: w, names: map[string]string{}}
	choose := func(send func(name string)) *widget.Select {
		return widget.NewSelect(nil, func(choice string) {
			if !t.binding {
				t.chosen = true
				send(choice)
			}
		})
	}
	t.scenario = choose(func(choice string) {
		if choice == openFile {
			t.refresh(t.snap)
			w.openDialog()
			return
		}
		w.open(t.names[choice])
	})
	t.variant = choose(func(choice string) { s.Choose(t.names[choice]) })
	t.compare = choose(func(choice string) {
		if choice == otherFile {
			t.refresh(t.snap)
			w.chooseScenario(s.Compare)
			return
		}
		s.Compare(t.names[choice])
	})
	number := func(send func(string), now func() string) *valueEntry {
		return newValueEntry(func(text string) {
			if !t.binding && t.snap != nil && text != now() {
				send(text)
			}
		}, now)
	}
	t.runs = number(s.SetRuns, func() string { return strconv.Itoa(t.snap.Runs) })
	t.seed = number(s.SetSeed, func() string { return strconv.FormatUint(t.snap.Seed, 10) })
	t.undo, t.redo = newIconButton(theme.ContentUndoIcon(), "", s.Undo), newIconButton(theme.ContentRedoIcon(), "", s.Redo)
	save := widget.NewButtonWithIcon("Save", theme.DocumentSaveIcon(), nil)
	save.OnTapped = func() { w.saveMenu(save) }
	save.Importance = widget.HighImportance
	sized := func(wide float32, o fyne.CanvasObject) fyne.CanvasObject {
		return container.New(fixed{wide}, o)
	}
	t.changes = newChangesChip(w.listChanges)
	t.left = container.NewHBox(sized(150, t.scenario), sized(210, t.variant), container.NewCenter(t.changes),
		container.NewCenter(newSmallHint("vs.", "A second market with the same random numbers, drawn dashed: differences are taken run by run.")), sized(170, t.compare),
		container.NewCenter(newSmallHint("runs", "How many runs medians and intervals are taken over. The first 200 come at once.")), sized(64, t.runs),
		container.NewCenter(newSmallHint("seed", "The seed of the random numbers: the same seed gives the same runs.")), sized(52, t.seed))
	right := container.NewHBox(t.undo, t.redo, save)
	t.root = container.NewVBox(container.NewBorder(nil, nil, nil, right, container.NewHScroll(t.left)), widget.NewSeparator())
	return t
}

// fixed gives an object a width.
type fixed struct{ wide float32 }

func (f fixed) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(f.wide, objects[0].MinSize().Height)
}

func (f fixed) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	height := objects[0].MinSize().Height
	objects[0].Move(fyne.NewPos(0, (size.Height-height)/2))
	objects[0].Resize(fyne.NewSize(f.wide, height))
}

func (t *topBar) refresh(snap *session.Snapshot) {
	if snap == nil {
		return
	}
	t.binding = true
	defer func() { t.binding = false }()
	t.snap = snap
	if t.chosen && !t.window.modal() { // the keys are the window's again
		t.chosen = false
		if _, ok := t.window.win.Canvas().Focused().(*widget.Select); ok {
			t.window.win.Canvas().Unfocus()
		}
	}
	clear(t.names)
	fill := func(s *widget.Select, options []string, chosen string) {
		if !slices.Equal(s.Options, options) {
			s.SetOptions(options)
		}
		if s.Selected != chosen {
			s.SetSelected(chosen)
		}
	}
	// called gives a choice the name that it is sent by.
	called := func(title, name string) string {
		t.names[title] = name
		return title
	}
	var files []string
	for _, name := range scenarios.Names() {
		files = append(files, called(name, name))
	}
	opened := ""
	for _, path := range append([]string{snap.Name}, snap.Recent...) {
		title := filepath.Base(path)
		if other, taken := t.names[title]; taken && other != path { // a file of the same name, elsewhere
			title = path
		}
		if !slices.Contains(files, title) {
			files = append(files, called(title, path))
		}
		if path == snap.Name {
			opened = title
		}
	}
	fill(t.scenario, append(files, openFile), opened)

	if snap.World != nil {
		reference, with := "Reference case", nothing
		variants := []string{called(reference, "")}
		chosen := reference
		compares := []string{called(nothing, ""), called("the saved file", scenarios.Reference)}
		if snap.Compare == scenarios.Reference {
			with = compares[1]
		}
		for _, v := range snap.World.Scenario.Variants {
			title := v.Label()
			t.names[title] = v.Name
			variants, compares = append(variants, title), append(compares, title)
			if v.Name == snap.Variant {
				chosen = title
			}
			if v.Name == snap.Compare {
				with = title
			}
		}
		if with == nothing && snap.Compare != "" {
			with = called(filepath.Base(snap.Compare), snap.Compare)
			compares = append(compares, with)
		}
		fill(t.variant, variants, chosen)
		fill(t.compare, append(compares, otherFile), with)
	}
	if t.changes.count(len(changesOf(snap))) {
		t.left.Refresh()
	}
	t.runs.give(strconv.Itoa(snap.Runs), true)
	t.seed.give(strconv.FormatUint(snap.Seed, 10), true)
	enable(t.undo, "Undo", snap.Undo, "Ctrl Z")
	enable(t.redo, "Redo", snap.Redo, "Ctrl Y")
}

// enable says what a button would do, where there is something.
func enable(b *iconButton, verb, what, key string) {
	on := what != ""
	if b.help = "Nothing to " + strings.ToLower(verb); on {
		b.help = verb + ": " + what + ". " + key
	}
	if b.Disabled() == on {
		if on {
			b.Enable()
		} else {
			b.Disable()
		}
	}
}
