package desktop

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"exodus/app/internal/session"
	"exodus/scenarios/facts"
	"exodus/scenarios/words"
)

// follower is a page that is drawn anew for every answer while a lever moves; others are drawn now and then. What follow
// returns may be called from any goroutine: it has the page's chart draw an answer, as the page is set now, and calls
// told in the window's goroutine once the picture is there.
type follower interface {
	follow(w *Window) func(snap *session.Snapshot, told func())
}

// page is what one of the tabs shows.
type page interface {
	object() fyne.CanvasObject
	refresh(snap *session.Snapshot)
	saving(snap *session.Snapshot) saving // the figure that it saves
	of(snap *session.Snapshot) string     // what its numbers are of: medians, or which run
}

// Window is the window of a session.
type Window struct {
	win     fyne.Window
	session *session.Session
	snap    *session.Snapshot
	copy    func(png []byte) error // to the clipboard
	asking  []*asked               // the dialogs that are open
	refused *session.Refusal       // the last that was told
	moving  bool                   // whether a lever moves, since which the page alone is drawn anew
	shows   uint64                 // the answer that the page shows
	drawn   time.Time              // when the page was drawn last

	following atomic.Pointer[func(*session.Snapshot)] // draws what a lever that moves comes to; nil where it is to wait

	top      *topBar
	levers   *levers
	feed     *feed
	view     *viewBar
	news     *fileNotice
	above    *fyne.Container // the pages
	bottom   *bottomBar
	tabs     *container.AppTabs
	share    *sharePage
	pages    []page
	facts    *container.TabItem
	problems *problems
	waiting  *widget.Label
	body     *fyne.Container // the tabs, or what is wrong with the scenario, or what is waited for
}

// framesASecond is how often the window is drawn anew at most.
const framesASecond = 30

// New makes the window of a session. It is shown by its Run. copy puts a picture on the clipboard.
func New(app fyne.App, s *session.Session, copy func(png []byte) error) *Window {
	app.Settings().SetTheme(newLook())
	w := &Window{win: app.NewWindow("exodus"), session: s, copy: copy}
	w.top = newTopBar(w)
	w.levers = newLevers(s)
	w.feed = newFeed(func(week int) { s.Seek(week + 1) })
	w.bottom = newBottomBar(s)
	w.problems = newProblems(s)
	w.waiting = widget.NewLabel("")
	w.waiting.Alignment, w.waiting.Wrapping = fyne.TextAlignCenter, fyne.TextWrapWord
	w.share = newSharePage(w)
	var items []*container.TabItem
	for _, tab := range []struct {
		name string
		page page
	}{
		{"Market share", w.share},
		{"Money", newMoneyPage(w)},
		{"Trust", newTrustPage(w)},
		{"Flows", newFlowsPage(w)},
		{"Labs", newLabsPage(w)},
		{"Vendors", newVendorsPage(w)},
		{"Facts", newFactsPage(w)},
	} {
		w.pages = append(w.pages, tab.page)
		items = append(items, container.NewTabItem(tab.name, tab.page.object()))
	}
	w.facts = items[len(items)-1]
	w.tabs = container.NewAppTabs(items...)
	w.tabs.OnSelected = func(*container.TabItem) {
		stopExplaining()
		w.attend()
		w.refreshPage()
	}
	w.body = container.NewStack(w.tabs)
	w.view, w.news = newViewBar(s), newFileNotice(s)
	w.above = container.NewVBox(w.news.root, w.view.root)

	middle := container.NewHSplit(container.NewBorder(w.above, nil, nil, nil, w.body), w.feed.root)
	middle.SetOffset(0.8)
	all := container.NewHSplit(w.levers.root, middle)
	all.SetOffset(0.22)
	explained = newExplanation()
	w.win.SetContent(container.NewStack(inOrder(w.top.root, all, w.bottom.root), explained.Container))
	w.win.Resize(fyne.NewSize(1280, 800))
	w.win.SetMaster()
	w.shortcuts()
	w.win.SetOnDropped(func(_ fyne.Position, files []fyne.URI) {
		if len(files) > 0 {
			w.open(files[0].Path())
		}
	})
	return w
}

// Run shows the window until it is closed. seen is called once the first picture of the market is on the screen.
func (w *Window) Run(seen func()) {
	ctx, stop := context.WithCancel(context.Background())
	w.share.chart.drawn = func() {
		w.share.chart.drawn = nil
		go func() {
			time.Sleep(2 * time.Second / framesASecond) // it is painted in the next frame
			fyne.DoAndWait(func() {})
			seen()
		}()
	}
	go w.follow(ctx)
	w.win.ShowAndRun()
	stop()
}

// follow draws the newest snapshot whenever there is one, and never more often than the eye can see.
func (w *Window) follow(ctx context.Context) {
	beat := time.NewTicker(time.Second / framesASecond)
	defer beat.Stop()
	for number := uint64(0); ; {
		snap, err := w.session.Next(ctx, number)
		if err != nil {
			return
		}
		number = snap.Number
		if w.receive(snap) {
			continue
		}
		select {
		case <-beat.C:
		case <-ctx.Done():
			return
		}
	}
}

// receive draws a snapshot. Where it is one of a lever that moves, the page's chart alone takes it, when it can, and it is
// not waited for.
func (w *Window) receive(snap *session.Snapshot) (followed bool) {
	if draw := w.following.Load(); draw != nil && snap.Moving {
		(*draw)(snap)
		return true
	}
	fyne.DoAndWait(func() { w.refresh(snap) })
	return false
}

// glance draws of a snapshot what follows a hand: the page that can be seen, and how many runs it is of. All else waits
// until the lever rests, and costs nothing.
func (w *Window) glance(snap *session.Snapshot) {
	if w.bottom.tell(snap); snap.World == nil || w.body.Objects[0] != w.tabs {
		return
	}
	w.snap = snap
	if w.attend(); w.following.Load() == nil && w.shows != snap.Answer && time.Since(w.drawn) > time.Second/4 {
		w.refreshPage()
	}
}

// attend sees to it that the page that can be seen follows a lever that moves, without a way through the window's
// goroutine but for the picture itself.
func (w *Window) attend() {
	p, ok := w.page().(follower)
	if !ok || !w.moving {
		w.following.Store(nil)
		return
	}
	draw, shows := p.follow(w), w.shows
	follow := func(snap *session.Snapshot) {
		if snap.Answer == shows {
			return
		}
		shows = snap.Answer
		draw(snap, func() {
			w.snap, w.shows = snap, snap.Answer
			w.levers.catchUp()
			w.bottom.tell(snap)
			w.view.refresh(snap, w.page().of(snap))
		})
	}
	w.following.Store(&follow)
}

// refresh draws a snapshot.
func (w *Window) refresh(snap *session.Snapshot) {
	if w.moving = snap.Moving; snap.Moving {
		w.glance(snap)
		return
	}
	w.following.Store(nil)
	w.snap = snap
	title := "exodus"
	if snap.World != nil {
		title = snap.World.Scenario.Title + " - exodus"
	}
	if snap.Dirty {
		title = "* " + title
	}
	if w.win.Title() != title {
		w.win.SetTitle(title)
	}
	w.top.refresh(snap)
	w.levers.refresh(snap)
	w.feed.refresh(snap)
	w.bottom.refresh(snap)
	if w.news.show(filepath.Base(snap.File), snap.FileChanged) {
		w.above.Refresh()
	}
	if w.refused != snap.Refused {
		w.refused = snap.Refused
		w.refuse()
	}
	if text := factsTitle(snap); w.facts.Text != text {
		w.facts.Text = text
		w.tabs.Refresh()
	}
	if broken := len(snap.Problems) > 0; broken {
		w.problems.refresh(snap)
		w.show(w.problems.root)
		return
	}
	if snap.World == nil && snap.Status.Warning != "" { // of a large market even one run takes a while
		setText(w.waiting, snap.Status.Warning+".\nRunning the first simulation...")
		w.show(w.waiting)
		return
	}
	w.show(w.tabs)
	w.refreshPage()
}

// refuse tells that something was not done: where it was typed, or else in a dialog. Of a value that is in its range,
// the line at the bottom says why it cannot be.
func (w *Window) refuse() {
	w.top.runs.mark(w.refused, session.RunsPath)
	w.top.seed.mark(w.refused, session.SeedPath)
	w.view.run.mark(w.refused, session.RunPath)
	switch r := w.refused; {
	case r == nil || r.Path == session.RunsPath || r.Path == session.SeedPath || r.Path == session.RunPath:
	case r.Path == "":
		w.failed(refusedWhat(r), r.Err)
	default:
		for i := range w.snap.Levers {
			if l := &w.snap.Levers[i]; l.Path == r.Path && inRange(l, r.Text) {
				w.bottom.warn(r.Err.Error())
			}
		}
	}
}

// refusedWhat says what a command that was refused was to do.
func refusedWhat(r *session.Refusal) string {
	if r.Text != "" {
		return "Couldn't open " + named(filepath.Base(r.Text))
	}
	return "That isn't possible now"
}

// inRange says whether what was typed for a lever is a value that it can have.
func inRange(l *session.Lever, text string) bool {
	x, err := strconv.ParseFloat(text, 64)
	return err == nil && x >= l.Min && x <= l.Max
}

// show puts something in the middle.
func (w *Window) show(o fyne.CanvasObject) {
	if w.body.Objects[0] != o {
		stopExplaining()
		w.body.Objects[0] = o
		w.body.Refresh()
	}
}

// refreshPage draws the page that can be seen.
func (w *Window) refreshPage() {
	if p := w.page(); w.snap != nil && w.snap.World != nil {
		w.shows, w.drawn = w.snap.Answer, time.Now()
		p.refresh(w.snap)
		w.view.refresh(w.snap, p.of(w.snap))
	}
}

func (w *Window) page() page { return w.pages[w.tabs.SelectedIndex()] }

func factsTitle(snap *session.Snapshot) string {
	if len(snap.Facts) == 0 {
		return "Facts"
	}
	hold, all := 0, 0
	for _, f := range snap.Facts {
		if f.Fact.Claim {
			continue
		}
		all++
		if f.Verdict == facts.Holds {
			hold++
		}
	}
	return "Facts " + strconv.Itoa(hold) + "/" + strconv.Itoa(all)
}

// bottomBar is the timeline with what moves along it, and what is being computed.
type bottomBar struct {
	root     fyne.CanvasObject
	session  *session.Session
	timeline *timeline
	play     *iconButton
	from     *widget.RadioGroup
	speed    *slider
	pace     *hint
	status   *hint
	cancel   *iconButton
	snap     *session.Snapshot
	binding  bool
	notice   string // is shown until the next command
	trouble  bool   // whether it says that something was not done
	command  uint64 // after which it was given
}

const fromStart, fromThisWeek = "from the start", "from this week"

func newBottomBar(s *session.Session) *bottomBar {
	b := &bottomBar{session: s, timeline: newTimeline(s.Seek)}
	b.play = newIconButton(theme.MediaPlayIcon(), "Play week by week, or pause. Space", b.toggle)
	b.speed = newSlider(1, 60)
	b.speed.OnChanged = func(x float64) {
		if !b.binding {
			s.SetSpeed(x)
		}
	}
	b.pace = newSmallHint("", "How fast it plays, in weeks of the market a second: 1 to 60.")
	b.from = newChoice([]string{fromStart, fromThisWeek}, func(choice string) {
		if !b.binding {
			s.ActFrom(choice == fromThisWeek)
		}
	})
	b.status = newHint("", "")
	b.status.SizeName, b.status.Truncation, b.status.Alignment = theme.SizeNameCaptionText, fyne.TextTruncateEllipsis, fyne.TextAlignTrailing
	b.cancel = newIconButton(theme.CancelIcon(), "Stop computing: what is known so far stays. Escape", s.Cancel)
	transport := container.NewHBox(
		newIconButton(theme.MediaSkipPreviousIcon(), "Back to the start. Home", func() { s.Pause(); s.Seek(0) }),
		newIconButton(theme.MediaFastRewindIcon(), "A week back. Left arrow", func() { s.Step(-1) }),
		b.play,
		newIconButton(theme.MediaFastForwardIcon(), "A week on. Right arrow", func() { s.Step(1) }),
		container.NewGridWrap(fyne.NewSize(96, 30), b.speed),
		b.pace)
	acts := container.NewHBox(newSmallHint("changes apply", "From the start: the whole run is simulated again with the new value. From this week: what has happened stays, "+
		"and the change is made in the week that is shown, as an intervention on the timeline."), b.from)
	below := container.NewBorder(nil, nil, container.NewHBox(transport, acts), b.cancel, b.status)
	b.root = container.NewBorder(widget.NewSeparator(), nil, nil, nil, container.NewVBox(b.timeline, below))
	return b
}

func newSmallHint(text, help string) *hint {
	h := newHint(text, help)
	h.SizeName, h.Importance = theme.SizeNameCaptionText, widget.LowImportance
	return h
}

// toggle plays or pauses; at the end it plays from the start.
func (b *bottomBar) toggle() {
	if b.snap != nil && b.snap.Playing {
		b.session.Pause()
	} else {
		b.session.Play()
	}
}

// say shows a notice until something else is done.
func (b *bottomBar) say(text string) { b.note(text, false) }

// warn shows why something was not done, until something else is.
func (b *bottomBar) warn(text string) { b.note(text, true) }

func (b *bottomBar) note(text string, trouble bool) {
	b.notice, b.trouble, b.command = text, trouble, b.session.Commands()
	if b.snap != nil {
		b.refresh(b.snap)
	}
}

func (b *bottomBar) refresh(snap *session.Snapshot) {
	b.binding = true
	defer func() { b.binding = false }()
	b.snap = snap
	icon := theme.MediaPlayIcon()
	if snap.Playing {
		icon = theme.MediaPauseIcon()
	}
	if b.play.Icon.Name() != icon.Name() {
		b.play.SetIcon(icon)
	}
	choice := fromStart
	if snap.ThisWeek {
		choice = fromThisWeek
	}
	if b.from.Selected != choice {
		b.from.Selected = choice
		b.from.Refresh()
	}
	setText(&b.pace.Label, fmt.Sprintf("%.0f weeks a second", snap.Speed))
	if b.speed.Value != snap.Speed {
		b.speed.SetValue(snap.Speed)
	}
	if snap.World != nil {
		b.timeline.set(snap.Week, snap.Weeks, marksOf(snap), func(week int) string {
			return snap.World.Scenario.Date(week).Format("2 Jan 2006")
		})
	}
	b.tell(snap)
	if b.cancel.Hidden == snap.Status.Busy {
		b.cancel.Hidden = !snap.Status.Busy
		b.cancel.Refresh()
	}
}

// tell says what is being computed, or a notice.
func (b *bottomBar) tell(snap *session.Snapshot) {
	text, importance := statusText(snap), widget.MediumImportance
	if snap.Status.Err != nil {
		importance = widget.DangerImportance
	} else if snap.Status.Warning != "" {
		importance = widget.WarningImportance
	}
	if snap.Command > b.command {
		b.notice = ""
	}
	if b.notice != "" {
		if text, importance = b.notice, widget.SuccessImportance; b.trouble {
			importance = widget.DangerImportance
		}
	}
	b.status.help = statusHelp(&snap.Status)
	if b.status.Text != text || b.status.Importance != importance {
		b.status.Importance = importance
		b.status.SetText(text)
	}
}

// marksOf are the events of the scenario, and what was changed on the way.
func marksOf(snap *session.Snapshot) (marks []mark) {
	for _, line := range snap.Feed {
		if line.Kind == session.Responds {
			continue
		}
		if n := len(marks); n > 0 && marks[n-1].week == line.Week && line.Kind == session.Happens && !marks[n-1].own {
			marks[n-1].text = words.Ellipsis(marks[n-1].text+"; "+line.Text, 90)
			continue
		}
		marks = append(marks, mark{line.Week, line.Date.Format("2 Jan") + "  " + words.Ellipsis(line.Text, 70), line.Kind == session.Intervene})
	}
	return marks
}

func statusText(snap *session.Snapshot) string {
	s := &snap.Status
	switch {
	case s.Err != nil:
		return s.Err.Error()
	case snap.Moving && snap.World != nil:
		text := "One run"
		if snap.Medians() {
			text = words.Counted(snap.World.Fans.Runs, "run")
		}
		return text + " while the lever moves, " + words.Count(s.Of) + " when it rests"
	case s.Busy:
		text := "Running the first simulation..."
		if s.Done > 0 || s.Doing == session.ManyRuns || s.Doing == session.JudgeFacts {
			text = words.Count(s.Done) + " of " + words.Counted(s.Of, "run")
			if s.PerSecond > 0 {
				text += ", " + rate(s.PerSecond) + " a second"
			}
		}
		if s.Warning != "" {
			text = s.Warning + ".  " + text
		}
		return text
	case s.Warning != "":
		return s.Warning
	case s.Done == 0:
		return ""
	}
	return words.Counted(s.Done, "run") + " in " + took(s.Took)
}

// took writes how long something was waited for.
func took(d time.Duration) string {
	switch {
	case d < time.Second:
		return words.Counted(int(d.Milliseconds()), "millisecond")
	case d < 10*time.Second:
		return words.Fixed(d.Seconds(), 1) + " s"
	}
	return words.Fixed(d.Seconds(), 0) + " s"
}

// statusHelp is how fast the runs are made.
func statusHelp(s *session.Status) string {
	if s.PerSecond <= 0 || s.Done == 0 {
		return ""
	}
	return rate(s.PerSecond) + " runs a second, of all markets on show together"
}

// rate writes how many runs are made in a second; of a large market it is a part of one.
func rate(x float64) string {
	if x < 10 {
		return fmt.Sprintf("%.2g", x)
	}
	return words.Count(int(x))
}
