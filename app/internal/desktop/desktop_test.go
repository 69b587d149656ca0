package desktop

import (
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"exodus/app/internal/figure"
	"exodus/app/internal/receipt"
	"exodus/app/internal/results"
	"exodus/app/internal/session"
	"exodus/scenarios"
)

// opened is a window on a session, which shows what the session has come to whenever it is settled.
type opened struct {
	*Window
	t *testing.T
}

func open(t *testing.T, scenario string) *opened {
	t.Helper()
	app := test.NewTempApp(t)
	s := session.New(session.Config{Scenario: scenario, Runs: 20})
	t.Cleanup(func() { s.Close() })
	w := &opened{New(app, s, func([]byte) error { return nil }), t}
	w.win.Resize(fyne.NewSize(1280, 800))
	w.settle()
	return w
}

// settle awaits the answer to all commands, and draws it.
func (w *opened) settle() *session.Snapshot {
	w.t.Helper()
	snap, err := w.session.Settled(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	w.refresh(snap)
	return snap
}

// drawn awaits what a chart was asked for.
func drawn(t *testing.T, c *chart) image.Image {
	t.Helper()
	c.remeasure()
	for deadline := time.Now().Add(time.Minute); ; {
		c.mu.Lock()
		done := c.done == c.asked && c.asked > 0
		c.mu.Unlock()
		if done && c.shown.image != nil {
			return c.shown.image
		}
		if time.Now().After(deadline) {
			t.Fatalf("nothing was drawn (%s)", c.shown.trouble)
		}
		time.Sleep(time.Millisecond)
	}
}

// pixels counts those of a colour, or nearly.
func pixels(img image.Image, c color.NRGBA) (n int) {
	near := func(a uint32, b uint8) bool { d := int(a>>8) - int(b); return d > -6 && d < 6 }
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if r, g, b, _ := img.At(x, y).RGBA(); near(r, c.R) && near(g, c.G) && near(b, c.B) {
				n++
			}
		}
	}
	return n
}

// The opening view tells the story: the deal, Scale and its rivals in their colours, what happened, what matters most.
func TestOpeningView(t *testing.T) {
	w := open(t, "meta-scale")
	if !strings.Contains(w.win.Title(), "Meta takes 49% of Scale AI") {
		t.Errorf("the title is %q", w.win.Title())
	}
	if w.facts.Text != "Facts 8/8" {
		t.Errorf("the facts are %q", w.facts.Text)
	}
	share := w.pages[0].(*sharePage)
	img := drawn(t, share.chart)
	for j, name := range []string{"Scale", "Surge", "Turing"} {
		if n := pixels(img, figure.Colour(j, isDark())); n < 200 {
			t.Errorf("%d pixels are in the colour of %s", n, name)
		}
	}
	if !strings.HasPrefix(share.head.Text, "Scale fell from 28.8% to 15.") {
		t.Errorf("above the picture it says %q", share.head.Text)
	}
	for _, part := range []string{"pts vs. No deal (−1", "OpenAI (100%) and xAI (100%) have left it, in most of 20 runs", "Since 13 June 2025:  Surge +2"} {
		if !strings.Contains(share.under.Text+share.others.Text, part) {
			t.Errorf("around it, it says %q and %q, without %s", share.under.Text, share.others.Text, part)
		}
	}
	if len(w.levers.rows) < 9 || w.snap.Levers[w.levers.rows[1].lever].Path != "events.deal.stake" {
		t.Error("the stake is not what matters most")
	}
	if first := w.feed.lines[0]; first.Text != "Meta takes 49% of Scale" || first.Date.Format(time.DateOnly) != "2025-06-13" {
		t.Errorf("the first that happened is %+v", first)
	}
	read := readout(w.snap, 50, nil, results.Share)
	if len(read) < 10 || read[0].cells[0] != "3 April 2026, week +42" || fmt.Sprint(read[1].cells) != "[ median 90% of runs difference]" ||
		read[2].cells[0] != "Scale" || !strings.HasPrefix(read[2].cells[1], "1") || !strings.HasSuffix(read[2].cells[3], " pts") {
		t.Errorf("the pointer reads %v", read)
	}
}

// row finds the lever of a path among those on show.
func (w *opened) row(path string) *leverRow {
	w.t.Helper()
	if !slices.ContainsFunc(w.levers.rows, func(item leverItem) bool { return item.lever >= 0 && w.snap.Levers[item.lever].Path == path }) {
		w.levers.search.SetText(path)
	}
	for i, item := range w.levers.rows {
		if item.lever >= 0 && w.snap.Levers[item.lever].Path == path {
			box := container.NewStack(widget.NewLabel(""), newLeverRow(w.session))
			w.levers.fill(i, box)
			return box.Objects[1].(*leverRow)
		}
	}
	w.t.Fatalf("there is no lever for %s", path)
	return nil
}

// A lever can be typed, dragged, and taken back; nonsense is marked where it stands, and changes nothing.
func TestLever(t *testing.T) {
	w := open(t, "meta-scale")
	row := w.row("events.deal.stake")
	if row.entry.Text != "0.49" || row.mark.Text != "R" || row.dot.on || !strings.Contains(row.mark.help, "reported") {
		t.Errorf("the stake is %q, %s (%s), changed: %v", row.entry.Text, row.mark.Text, row.mark.help, row.dot.on)
	}
	row.entry.SetText("0.2")
	row.entry.OnSubmitted("0.2")
	w.settle()
	if row = w.row("events.deal.stake"); !row.dot.on || row.slider.Value != 0.2 || row.caption.Text != "yours (was 0.49, reported)" || row.mark.Text != "Y" || !strings.Contains(row.mark.help, "0.49 in the file is reported: Meta and Scale AI, announcement") {
		t.Errorf("after 0.2 was typed the slider is at %v, changed: %v, and it says %q: %q", row.slider.Value, row.dot.on, row.caption.Text, row.mark.help)
	}
	row.entry.SetText("7")
	row.entry.OnSubmitted("7")
	w.settle()
	if row = w.row("events.deal.stake"); row.caption.Text != "Enter a value from 0 to 1" || row.slider.Value != 0.2 {
		t.Errorf("after 7 was typed it says %q, and the slider is at %v", row.caption.Text, row.slider.Value)
	}
	for _, x := range []float64{0.3, 0.35, 0.4} {
		row.slider.OnChanged(x)
	}
	row.slider.OnChangeEnded(0.4)
	w.settle()
	if row = w.row("events.deal.stake"); row.entry.Text != "0.4" || !strings.HasPrefix(row.caption.Text, "yours") {
		t.Errorf("dragged to 0.4 it is %q", row.entry.Text)
	}
	w.session.Undo() // the drag is one step
	w.settle()
	if row = w.row("events.deal.stake"); row.entry.Text != "0.2" {
		t.Errorf("with the drag undone it is %q", row.entry.Text)
	}
	row.dot.Tapped(nil)
	w.settle()
	if row = w.row("events.deal.stake"); row.entry.Text != "0.49" || row.dot.on || row.mark.Text != "R" || row.caption.Text != "" {
		t.Errorf("taken back it is %q, %s, %q", row.entry.Text, row.mark.Text, row.caption.Text)
	}
}

// Words find levers by what they are called and mean; groups open.
func TestLeversFound(t *testing.T) {
	w := open(t, "meta-scale")
	w.levers.search.SetText("google exposure")
	if len(w.levers.rows) == 0 || w.snap.Levers[w.levers.rows[0].lever].Path != "labs.Google.exposure" {
		t.Errorf("google exposure finds %v", w.levers.rows)
	}
	w.levers.search.SetText("no such thing")
	if len(w.levers.rows) != 1 || w.levers.rows[0].lever >= 0 {
		t.Errorf("no such thing finds %v", w.levers.rows)
	}
	w.levers.search.SetText("")
	closed := len(w.levers.rows)
	for i, row := range w.levers.rows {
		if row.group == session.Labs {
			w.levers.list.OnSelected(i)
			break
		}
	}
	if len(w.levers.rows) < closed+50 {
		t.Errorf("with the labs opened there are %d lines, before %d", len(w.levers.rows), closed)
	}
}

// The timeline is moved by drag and by key; all pages show its week.
func TestTimeline(t *testing.T) {
	w := open(t, "meta-scale")
	line := w.bottom.timeline
	line.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(line.x(20), 20)}})
	if snap := w.settle(); snap.Week != 20 {
		t.Fatalf("dragged to week 20, one is in week %d", snap.Week)
	}
	line.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	if snap := w.settle(); snap.Week != 21 {
		t.Errorf("a step from week 20 leads to week %d", snap.Week)
	}
	w.feed.list.OnSelected(0)
	if snap := w.settle(); snap.Week != 9 {
		t.Errorf("the deal's line leads to where %d weeks have gone by", snap.Week)
	}
	for i := range w.pages {
		w.tabs.SelectIndex(i)
		w.settle()
	}
	if text := w.pages[3].(*flowsPage).said.Text; !strings.Contains(text, "6 June 2025 to that of 13 June 2025") {
		t.Errorf("flows are %q", text)
	}
	marks := marksOf(w.snap)
	if len(marks) != 1 || marks[0].week != 8 {
		t.Errorf("the marks are %v", marks)
	}
}

// Every page draws its figure, and names a kind that can be saved.
func TestPages(t *testing.T) {
	w := open(t, "meta-scale")
	for i, p := range w.pages {
		w.tabs.SelectIndex(i)
		w.settle()
		for _, c := range chartsOf(p) {
			if img := drawn(t, c); img.Bounds().Dx() < 100 {
				t.Errorf("page %d draws %v", i, img.Bounds())
			}
		}
		for _, format := range figure.Formats[i%len(figure.Formats):][:1] {
			content, err := p.saving(w.snap).write(t.Context(), w.snap, format)
			if err != nil || len(content) < 1000 {
				t.Errorf("page %d as %s is %d bytes (%v)", i, format, len(content), err)
				continue
			}
			runs, by := 40, ""
			switch f := p.saving(w.snap); {
			case f.kind == "flows":
				runs = 1
			case f.ofLabs():
				runs, by = 20, "the window, compared with no-deal"
			}
			if r, err := receipt.Extract(content); err != nil || r.Figure != p.saving(w.snap).kind || r.Runs != runs || r.By != by {
				t.Errorf("page %d as %s has the receipt %+v (%v)", i, format, r, err)
			}
		}
	}
	labs := w.pages[4].(*agentPage)
	labs.table.sortBy(3)
	labs.table.sortBy(3)
	if got := labs.name(w.snap, labs.table.order[0]); got != "Google" {
		t.Errorf("who lost most at the supplier is %s", got)
	}
	labs.table.chosen(labs.table.order[0])
	if !strings.Contains(labs.events.Text, "Google has left Scale") {
		t.Errorf("of Google it says %q", labs.events.Text)
	}
	trust := w.pages[2].(*trustPage)
	trust.grid.Resize(fyne.NewSize(800, 400))
	trust.grid.Tapped(&fyne.PointEvent{Position: fyne.NewPos(790, 390)})
	if got := fmt.Sprint(trust.pair); got != "[9 6]" {
		t.Errorf("the last cell is %s", got)
	}
}

// What is saved is what is shown: of the run that is shown, in its week, beside what it is compared with.
func TestSavedAsShown(t *testing.T) {
	w := open(t, "meta-scale")
	w.session.Seek(30)
	w.tabs.SelectIndex(2)
	trust := w.pages[2].(*trustPage)
	for premium, kind := range map[bool]string{false: "trust", true: "premium"} {
		trust.premium = premium
		w.settle()
		content, err := trust.saving(w.snap).write(t.Context(), w.snap, "svg")
		if err != nil {
			t.Fatal(err)
		}
		r, err := receipt.Extract(content)
		if err != nil || r.Figure != kind || r.Runs != 20 || r.Luck.Seed != w.snap.Seed || r.By != "the window, compared with no-deal" {
			t.Errorf("of %s the receipt is %+v (%v)", kind, r, err)
		}
		for i, cell := range trust.grid.texts {
			if !strings.Contains(string(content), ">"+strings.Replace(cell.Text, "+", "&#43;", 1)+"<") && !strings.Contains(string(content), ">"+cell.Text+"<") {
				t.Errorf("%s of cell %d, %s, is not in what was saved", kind, i, cell.Text)
			}
		}
	}

	// What goes on over time ends where the timeline stands.
	w.tabs.SelectIndex(0)
	w.settle()
	content, err := w.page().saving(w.snap).write(t.Context(), w.snap, "svg")
	if err != nil {
		t.Fatal(err)
	}
	r, err := receipt.Extract(content)
	if err != nil || r.Options.Until != 30 || r.By != "" || !strings.Contains(string(content), "until 14 Nov 2025") {
		t.Errorf("of 30 weeks the receipt is %+v (%v)", r, err)
	}
	w.session.Seek(104)

	// A market that no variant states is drawn beside it all the same.
	w.session.Set("events.deal.stake", "0.2")
	w.session.Compare(scenarios.Reference)
	w.settle()
	content, err = w.page().saving(w.snap).write(t.Context(), w.snap, "svg")
	if err != nil {
		t.Fatal(err)
	}
	r, err = receipt.Extract(content)
	if err != nil || r.Options.Until != 0 || !strings.Contains(r.By, "compared with "+scenarios.Reference) || !strings.Contains(string(content), "the saved file") {
		t.Errorf("compared with the file, the receipt is %+v (%v)", r, err)
	}
}

func chartsOf(p page) []*chart {
	switch p := p.(type) {
	case *sharePage:
		return []*chart{p.chart}
	case *moneyPage:
		return []*chart{p.chart}
	case *trustPage:
		return []*chart{p.chart}
	case *flowsPage:
		return []*chart{p.chart}
	case *agentPage:
		return []*chart{p.chart}
	case *factsPage:
		return []*chart{p.chart}
	}
	return nil
}

// A report can be saved, of what is on the screen.
func TestReport(t *testing.T) {
	w := open(t, "meta-scale")
	w.session.Set("events.deal.stake", "0.2")
	w.settle()
	path := filepath.Join(t.TempDir(), "report.html")
	if err := writeReport(t.Context(), w.session, path); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(content), "events.deal.stake=0.2") || !strings.Contains(string(content), "<svg") {
		t.Errorf("the report is %d bytes (%v)", len(content), err)
	}
}

// A vendor that is hidden is neither drawn nor read.
func TestHidden(t *testing.T) {
	w := open(t, "meta-scale")
	share := w.pages[0].(*sharePage)
	before := pixels(drawn(t, share.chart), figure.Colour(1, isDark()))
	test.Tap(share.chips.root.Objects[1].(*chip))
	after := pixels(drawn(t, share.chart), figure.Colour(1, isDark()))
	if before < 200 || after > before/10 {
		t.Errorf("%d pixels of Surge are left of %d", after, before)
	}
	for _, line := range share.chart.readout(50) {
		if line.cells[0] == "Surge" {
			t.Errorf("the pointer still reads %v", line)
		}
	}
}

// A scenario that cannot be run is shown with what is wrong, and can be mended where it stands.
func TestProblems(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.toml")
	good := openSource(t)
	bad := strings.Replace(good, "weeks = 104", "weeks = -1", 1)
	if bad == good {
		t.Fatal("the scenario has no weeks to spoil")
	}
	if err := os.WriteFile(path, []byte(bad), 0o644); err != nil {
		t.Fatal(err)
	}
	w := open(t, "meta-scale")
	w.session.Open(path)
	snap := w.settle()
	if w.body.Objects[0] != w.problems.root || len(w.problems.all) == 0 || !strings.Contains(w.problems.all[0].Text, "weeks") {
		t.Fatalf("of a broken scenario it says %v", w.problems.all)
	}
	w.problems.list.OnSelected(0)
	if lines := strings.Split(bad, "\n"); lines[w.problems.text.CursorRow] != "weeks = -1" || w.win.Canvas().Focused() != fyne.Focusable(w.problems.text) {
		t.Errorf("what is wrong leads to line %d", w.problems.text.CursorRow+1)
	}
	if snap.World == nil {
		t.Error("the last good market is gone")
	}
	w.problems.text.SetText(good)
	w.settle()
	if w.body.Objects[0] != fyne.CanvasObject(w.tabs) {
		t.Errorf("mended, it still says %v", w.problems.all)
	}
}

func openSource(t *testing.T) string {
	t.Helper()
	s := session.New(session.Config{Scenario: "meta-scale", Runs: 1})
	defer s.Close()
	snap, err := s.Settled(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return snap.Source
}

// While a lever is held the scales only grow; when it is let go, they fit.
func TestScalesStand(t *testing.T) {
	w := open(t, "meta-scale")
	w.tabs.SelectIndex(1) // money
	w.settle()
	chart := w.pages[1].(*moneyPage).chart
	drawn(t, chart)
	most := func() float64 { return chart.shown.reach[0][1] }
	before := most()
	row := w.row("labs.Google.growth")
	for _, x := range []float64{-0.2, 0.9, -0.2} {
		row.slider.OnChanged(x)
		w.settle()
		drawn(t, chart)
		if most() < before {
			t.Errorf("at a growth of %v the scale falls from %v to %v while the lever is held", x, before, most())
		}
		before = most()
	}
	row.slider.OnChangeEnded(-0.2)
	w.session.Set("labs.Google.growth", "-0.19")
	w.settle()
	drawn(t, chart)
	if most() >= before {
		t.Errorf("let go, the scale still reaches %v", most())
	}
}

// The pointer shows the week under it, and a tap goes there.
func TestPointer(t *testing.T) {
	w := open(t, "meta-scale")
	share := w.pages[0].(*sharePage)
	drawn(t, share.chart)
	area := share.chart.shown.area
	x := float32(area.X(30)-2) / float32(share.chart.shown.width) * share.chart.Size().Width
	share.chart.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, 100)}})
	if !share.chart.box.Visible() || !strings.Contains(share.chart.texts[0].Text, "week +22") {
		t.Errorf("at the pointer it says %q", share.chart.texts[0].Text)
	}
	share.chart.Tapped(&fyne.PointEvent{Position: fyne.NewPos(x, 100)})
	if snap := w.settle(); snap.Week != 31 {
		t.Errorf("a tap leads to where %d weeks have gone by", snap.Week)
	}
	share.chart.MouseOut()
	if share.chart.box.Visible() {
		t.Error("without a pointer the box stays")
	}
}

// The smallest screen that it is made for.
func TestSmallScreen(t *testing.T) {
	w := open(t, "meta-scale")
	if size := w.win.Content().MinSize(); size.Width > 1024 || size.Height > 700 {
		t.Errorf("the window needs %v", size)
	}
	tall := func() (sum float32) { // the height of all lines
		w.feed.list.ScrollToBottom()
		return w.feed.list.GetScrollOffset() + w.feed.list.Size().Height
	}
	wide := tall()
	w.win.Resize(fyne.NewSize(1024, 700))
	if narrow := tall(); narrow < wide*1.1 {
		t.Errorf("lines that wrap at a narrower feed take %g, at the wider one they took %g", narrow, wide)
	}
	for i, item := range w.tabs.Items {
		w.tabs.SelectIndex(i)
		w.settle()
		if size := w.win.Content().MinSize(); size.Width > 1024 || size.Height > 700 {
			t.Errorf("with %s the window needs %v, of which the page %v, levers %v, what happened %v, the top %v, the bottom %v",
				item.Text, size, item.Content.MinSize(), w.levers.root.MinSize(), w.feed.root.MinSize(), w.top.root.MinSize(), w.bottom.root.MinSize())
		}
	}
}

// Every button without words says what it does, where the pointer rests on it.
func TestTips(t *testing.T) {
	w := open(t, "meta-scale")
	n := 0
	var walk func(o fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *iconButton:
			n++
			o.explain()
			if o.help == "" || explained.text() != o.help || w.modal() {
				t.Errorf("the button %s explains itself with %q", o.Icon.Name(), o.help)
			}
			if o.leave(); explained.text() != "" {
				t.Errorf("the explanation of %s stays", o.Icon.Name())
			}
		case *widget.Button:
			if o.Text == "" {
				t.Errorf("a button %s has neither words nor an explanation", o.Icon.Name())
			}
		case *fyne.Container:
			for _, o := range o.Objects {
				walk(o)
			}
		case *container.Scroll:
			walk(o.Content)
		}
	}
	walk(w.top.root)
	walk(w.bottom.root)
	if n < 7 {
		t.Errorf("%d buttons were found", n)
	}
	w.session.Drag("events.deal.stake", "0.2")
	w.session.Release()
	if w.settle(); !strings.Contains(w.top.undo.help, "Ctrl Z") || !strings.Contains(w.top.undo.help, "Stake 0.49 to 0.2") {
		t.Errorf("undo says %q", w.top.undo.help)
	}
}

// What is being computed is said, also of a market whose runs take seconds each.
func TestStatus(t *testing.T) {
	for want, s := range map[string]session.Status{
		"Running the first simulation...":   {Busy: true, Doing: session.FirstRun, Of: 12},
		"0 of 12 runs":                      {Busy: true, Doing: session.ManyRuns, Of: 12},
		"2 of 12 runs, 0.33 a second":       {Busy: true, Doing: session.ManyRuns, Done: 2, Of: 12, PerSecond: 0.333},
		"400 of 1,000 runs, 8,470 a second": {Busy: true, Doing: session.ManyRuns, Done: 400, Of: 1000, PerSecond: 8470.4},
	} {
		if got := statusText(&session.Snapshot{Status: s}); got != want {
			t.Errorf("it says %q; want %q", got, want)
		}
	}
}
