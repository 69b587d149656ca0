package session

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
	"unicode/utf8"

	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/scenarios/words"
)

// keeper keeps a session for the next start.
type keeper struct {
	path    string // "" keeps nothing
	due     *time.Timer
	keeping chan error // from the goroutine that writes; nil while there is none
	again   bool       // whether there is more to be kept when it has written
	keepErr error
}

// keepAfter is how long a change waits to be kept, together with those that follow it.
const keepAfter = time.Second

func newKeeper(dir string) keeper {
	k := keeper{due: time.NewTimer(time.Hour)}
	k.due.Stop()
	if dir != "" {
		k.path = filepath.Join(dir, "session.json")
	}
	return k
}

// kept is a session as it is on disk.
type kept struct {
	Format   int               `json:"format"`
	Version  string            `json:"version,omitempty"` // of the program that wrote it; "" in what earlier ones kept
	Document document          `json:"document"`
	Saved    document          `json:"saved"` // as it was last opened or saved
	Sums     map[string]string `json:"sums,omitempty"`
	Recent   []string          `json:"recent,omitempty"`
	Week     int               `json:"week"`
	Speed    float64           `json:"speed"`
	View     *View             `json:"view,omitempty"` // nil in what earlier versions kept
}

const keptFormat = 1

// soon sees to it that the session is kept within a moment.
func (c *core) soon() {
	if c.path != "" && c.tell != nil {
		c.due.Reset(keepAfter)
	}
}

func (c *core) encode() ([]byte, error) {
	return json.Marshal(kept{keptFormat, store.Version(), c.doc, c.saved, c.sums, c.recent, c.head, c.speed, &c.view})
}

// keep writes the session, in a goroutine of its own: a disk may be slow.
func (c *core) keep() {
	if c.keeping != nil {
		c.again = true
		return
	}
	content, err := c.encode()
	if err != nil {
		c.keepErr = err
		return
	}
	c.keeping = make(chan error, 1)
	go func(done chan<- error) { done <- store.ReplaceFile(c.path, content) }(c.keeping)
}

func (c *core) wasKept(err error) {
	c.keeping = nil
	if err != nil && c.keepErr == nil {
		c.note = "the session cannot be kept: " + err.Error()
		c.publish()
	}
	c.keepErr = err
	if c.again {
		c.again = false
		c.keep()
	}
}

// end ends all that is under way, and keeps the session.
func (c *core) end() error {
	c.stop()
	c.due.Stop()
	if c.keeping != nil {
		<-c.keeping
	}
	if c.path == "" {
		return nil
	}
	content, err := c.encode()
	if err != nil {
		return err
	}
	return store.ReplaceFile(c.path, content)
}

// restore brings the last session back, and says whether there was one. One that cannot be read is put aside.
func (c *core) restore() bool {
	if c.path == "" {
		return false
	}
	content, err := os.ReadFile(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	var k kept
	if err == nil {
		err = json.Unmarshal(content, &k)
	}
	switch {
	case k.Format != 0 && k.Format != keptFormat: // then the rest of it may well be of other types
		err = k.elsewhere(c.path)
	case err == nil && (k.Document.Source == "" || k.Document.Runs < 1 || k.Document.Runs > mostRuns):
		err = fmt.Errorf("it needs a scenario and 1 to %s runs", words.Count(mostRuns))
	}
	if err != nil {
		c.note = fmt.Sprintf("the last session could not be read (%v); it is put aside as %s", err, c.path+".bad")
		os.Rename(c.path, c.path+".bad")
		return false
	}
	c.recent = k.Recent
	c.saved = k.Saved
	if k.Sums != nil {
		c.sums = k.Sums
	}
	if k.Speed >= leastSpeed && k.Speed <= mostSpeed {
		c.speed = k.Speed
	}
	if v := k.View; v != nil && v.Run >= Deterministic && v.Run <= mostRunNumber {
		c.view = *v
	}
	if c.cfg.Scenario == "" {
		c.doc = k.Document
	}
	c.head = k.Week
	return true
}

// elsewhere says which program can read a session that this one cannot, and how.
func (k *kept) elsewhere(path string) error {
	by := "exodus " + k.Version
	if k.Version == "" {
		by = "a version of exodus that did not write which one it is"
	}
	return fmt.Errorf("%s wrote it, in format %d; this is exodus %s, which reads format %d. To go on with it, rename it to %s and start the version that wrote it",
		by, k.Format, store.Version(), keptFormat, filepath.Base(path))
}

// read reads the text of a scenario, and says in which file it is; in none where it is built in.
func read(nameOrPath string) (src []byte, file string, err error) {
	if src, err = scenarios.Read(nameOrPath); err != nil {
		return nil, "", err
	}
	if scenarios.IsBuiltin(nameOrPath) {
		return src, "", nil
	}
	if !utf8.Valid(src) || bytes.ContainsRune(src, 0) { // such as a picture: nobody could mend it as text
		return nil, "", fmt.Errorf("%s: not a TOML scenario file", nameOrPath)
	}
	if file, err = filepath.Abs(nameOrPath); err != nil {
		return nil, "", err
	}
	return src, file, nil
}

func sum(content []byte) string {
	h := sha256.Sum256(content)
	return hex.EncodeToString(h[:])
}

// dirty says whether there is anything in the document that is in no file.
func (c *core) dirty() bool {
	a, b := c.doc, c.saved
	for _, d := range []*document{&a, &b} { // how it is looked at is not in a file
		*d = document{Source: d.Source, Changes: d.Changes, Interventions: d.Interventions}
	}
	return !a.same(&b)
}
