package desktop

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"exodus/app/internal/session"
	"exodus/scenarios/words"
)

// feed tells what happened, line by line; a line leads to its week.
type feed struct {
	root  fyne.CanvasObject
	list  *widget.List
	of    *widget.Label // which run it is of
	lines []session.Line
	week  int
	wide  float32
	tall  map[string]float32 // the heights of texts at that width, by their text; of bold ones, with a mark at its end

	chosen bool // whether the week is that of a line that was chosen
}

func newFeed(seek func(week int)) *feed {
	f := &feed{}
	f.list = widget.NewList(func() int { return len(f.lines) },
		func() fyne.CanvasObject {
			date, text := widget.NewLabel(""), widget.NewLabel("")
			date.SizeName, date.Importance = theme.SizeNameCaptionText, widget.LowImportance
			text.Wrapping = fyne.TextWrapWord
			return container.New(&feedLayout{}, date, text)
		},
		func(id widget.ListItemID, o fyne.CanvasObject) {
			box, line := o.(*fyne.Container), f.lines[id]
			date, text := box.Objects[0].(*widget.Label), box.Objects[1].(*widget.Label)
			when := words.Date(line.Date)
			if id > 0 && f.lines[id-1].Week == line.Week {
				when = ""
			}
			if date.Hidden != (when == "") { // an item that was another line's is laid out anew
				date.Hidden = when == ""
				box.Layout.Layout(box.Objects, box.Size())
			}
			setText(date, when)
			text.Importance = widget.MediumImportance
			switch {
			case line.Week >= f.week:
				text.Importance = widget.LowImportance
			case line.Kind == session.Intervene:
				text.Importance = widget.WarningImportance
			}
			text.TextStyle.Bold = line.Kind == session.Happens
			text.SetText(line.Text)
		})
	f.list.HideSeparators = true
	f.list.OnSelected = func(id widget.ListItemID) {
		f.list.Unselect(id)
		unfocus(f.list)
		f.chosen = true // a line that was chosen stays where it is
		seek(f.lines[id].Week)
	}
	title := widget.NewLabel("What happened")
	title.TextStyle.Bold = true
	f.of = widget.NewLabel("")
	f.of.SizeName, f.of.Importance = theme.SizeNameCaptionText, widget.LowImportance
	f.root = container.NewBorder(container.New(layout.NewCustomPaddedVBoxLayout(-8), title, f.of), nil, nil, nil, container.New(feedFits{f}, f.list))
	return f
}

func (f *feed) refresh(snap *session.Snapshot) {
	setText(f.of, feedOf(snap))
	same := len(f.lines) == len(snap.Feed)
	for i := range snap.Feed {
		same = same && f.lines[i] == snap.Feed[i]
	}
	if same && f.week == snap.Week {
		return
	}
	moved := f.week != snap.Week
	f.lines, f.week = snap.Feed, snap.Week
	if !same {
		f.measure()
	}
	f.list.Refresh()
	if moved && !f.chosen {
		f.follow()
	}
	f.chosen = false
}

// follow scrolls to what happened last before the play head.
func (f *feed) follow() {
	last := -1
	for i, line := range f.lines {
		if line.Week < f.week {
			last = i
		}
	}
	if last >= 0 {
		f.list.ScrollTo(last)
	} else {
		f.list.ScrollToTop()
	}
}

// feedOf says which run what happened is of.
func feedOf(snap *session.Snapshot) string {
	if snap.Medians() && snap.World.Buyers != nil {
		return "in " + snap.View.RunTitle() + ";\nwho left: in most of " + words.Counted(snap.World.Buyers.Runs, "run")
	}
	return "in " + snap.View.RunTitle()
}

// measure gives each line the height that its text takes at the width that there is.
func (f *feed) measure() {
	if wide := f.list.Size().Width; wide != f.wide || len(f.tall) > 10_000 {
		f.wide, f.tall = wide, map[string]float32{}
	}
	if f.wide <= 40 {
		return
	}
	probe := widget.NewLabel("")
	probe.Wrapping = fyne.TextWrapWord
	probe.Resize(fyne.NewSize(f.wide, 10))
	for i, line := range f.lines {
		key := line.Text
		if line.Kind == session.Happens {
			key += "\x00"
		}
		height, known := f.tall[key]
		if !known {
			probe.TextStyle.Bold = line.Kind == session.Happens
			probe.SetText(line.Text)
			height = probe.MinSize().Height
			f.tall[key] = height
		}
		if i == 0 || f.lines[i-1].Week != line.Week {
			height += dateHeight
		}
		f.list.SetItemHeight(i, height)
	}
}

// feedFits measures the lines again where the feed has become wider or narrower.
type feedFits struct{ *feed }

func (f feedFits) MinSize([]fyne.CanvasObject) fyne.Size { return f.list.MinSize() }

func (f feedFits) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	f.list.Resize(size)
	if f.wide != size.Width {
		f.measure()
	}
}

const dateHeight = 17

// feedLayout puts a text below its date, or at the top where it has none.
type feedLayout struct{}

func (feedLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(80, 24) }

func (feedLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	top := float32(0)
	if objects[0].Visible() {
		objects[0].Resize(fyne.NewSize(size.Width, 22))
		objects[0].Move(fyne.NewPos(0, 0))
		top = dateHeight
	}
	objects[1].Move(fyne.NewPos(0, top))
	objects[1].Resize(fyne.NewSize(size.Width, max(0, size.Height-top)))
}
