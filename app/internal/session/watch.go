package session

import (
	"os"
	"time"
)

// lookEvery is how often the file is looked at. Its content is read where its time or size has changed.
const lookEvery = time.Second

// looked is what was found in a file.
type looked struct{ path, sum string }

// watch looks at the file of the session until that ends. It may be on a disk that is slow, so it has a goroutine of its own.
func (s *Session) watch() {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	var last os.FileInfo
	path := ""
	for {
		select {
		case <-s.ended:
			return
		case <-ticker.C:
		}
		if now := s.Snapshot().File; now != path {
			path, last = now, nil
		}
		info, err := os.Stat(path)
		if path == "" || err != nil || last != nil && info.ModTime().Equal(last.ModTime()) && info.Size() == last.Size() {
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		last = info
		select {
		case s.looked <- looked{path, sum(content)}:
		case <-s.ended:
			return
		}
	}
}

// watcher is what is known of the file beside what the session read there or wrote.
type watcher struct {
	seen looked // last
	kept looked // what the user knows of, and does not want
}

func (c *core) look(f looked) {
	was := c.fileChanged()
	if c.seen = f; c.fileChanged() != was {
		c.publish()
	}
}

// fileChanged says whether another program has changed the file, and the user has not said what is to become of it.
func (c *core) fileChanged() bool {
	f := c.seen
	return f.path != "" && f.path == c.doc.File && f.sum != c.sums[f.path] && f != c.kept
}

type reload struct{}

func (reload) do(c *core) error {
	src, file, err := read(c.doc.File)
	if err != nil {
		return err
	}
	doc := c.doc
	doc.Source = string(src)
	doc.parse()
	if err := c.change("Reload the file", "", doc); err != nil { // right by itself, but not with what was changed
		doc.base, doc.problems = nil, problemsOf(err)
		if err := c.change("Reload the file", "", doc); err != nil {
			return err
		}
	}
	c.sums[file] = sum(src)
	c.saved = c.doc
	c.saved.Changes, c.saved.Interventions = nil, nil
	return nil
}

type keepMine struct{}

func (keepMine) do(c *core) error {
	c.kept = c.seen
	return nil
}
