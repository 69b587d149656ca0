package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Messages are not trusted: one with a number out of bounds is refused whole, and a text is quoted where it holds what a
// terminal would obey.

// Bounds of what messages state.
const (
	mostCount  = 1 << 30 // of chunks, runs and messages
	mostRate   = 1e9     // runs a second
	mostHand   = 64      // chunks that a worker names as those that it works on
	mostName   = 64      // bytes of a worker's name
	mostID     = 128     // bytes of what names a plan, a platform or a content
	mostSaid   = mostReason + len("...")
	mostQuoted = 4*mostSaid + len(`""`) // bytes of a text in quotes
	mostSilent = 60 * 60                // seconds; a collector forgets a worker within a minute
	leastWait  = time.Millisecond
	mostWait   = 7 * 24 * time.Hour
)

var errMessage = errors.New("a message that is not read")

func isCount(numbers ...int) bool {
	return !slices.ContainsFunc(numbers, func(n int) bool { return n < 0 || n > mostCount })
}

// isID says whether a text is one that names a plan, a platform or a content: as such it is part of a subject.
func isID(text string) bool {
	return text != "" && len(text) <= mostID && strings.Trim(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") == ""
}

// plain is a text as it may be printed: in quotes where it holds what cannot be seen, such as control characters.
func plain(text string) string {
	if utf8.ValidString(text) && strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return text
	}
	return strconv.Quote(text)
}

// check says what is wrong with what a worker of a study of so many chunks says, and makes its texts plain.
func (b *Beat) check(chunks int) error {
	switch {
	case !isCount(b.Chunks, b.Runs, b.Failed), b.Failed > b.Runs, b.Silent < 0, b.Silent > mostSilent:
		return fmt.Errorf("%w: its counts are out of bounds", errMessage)
	case !(b.Rate >= 0 && b.Rate <= mostRate):
		return fmt.Errorf("%w: a rate of %.3g runs a second", errMessage, b.Rate)
	case len(b.Hand) > mostHand, slices.ContainsFunc(b.Hand, func(c int) bool { return c < 0 || c >= chunks }):
		return fmt.Errorf("%w: it works on chunks that the plan does not have", errMessage)
	case max(len(b.Name), len(b.Reason), len(b.Waiting)) > mostQuoted:
		return fmt.Errorf("%w: its texts are too long", errMessage)
	}
	b.Name, b.Reason, b.Waiting = plain(b.Name), plain(b.Reason), plain(b.Waiting)
	return nil
}

// readBeat reads what a worker says about itself.
func readBeat(subject string, text []byte, chunks int) (b Beat, err error) {
	name := strings.TrimPrefix(subject, beatSubject)
	if len(text) > mostBeat || json.Unmarshal(text, &b) != nil || b.Name != name {
		return b, fmt.Errorf("%w: it does not say what a worker does", errMessage)
	}
	if len(name) > mostName || max(len(b.Reason), len(b.Waiting)) > mostSaid {
		return b, fmt.Errorf("%w: its texts are too long", errMessage)
	}
	b.Silent = 0 // is for the collector to say
	return b, b.check(chunks)
}

// readProgress reads what a collector says about its study.
func readProgress(text []byte) (p Progress, err error) {
	if err := json.Unmarshal(text, &p); err != nil {
		return Progress{}, fmt.Errorf("%w: %w", errMessage, err)
	}
	if !isCount(p.Chunks, p.Done, p.Again, p.Double, p.Dropped, p.Checked, p.Wrong) || p.Done > p.Chunks || len(p.Workers) > mostWorkers ||
		max(len(p.Plan), len(p.Why), len(p.Trouble), len(p.Alarm)) > mostQuoted {
		return Progress{}, fmt.Errorf("%w: the progress of a study is out of bounds", errMessage)
	}
	workers := make(map[string]Beat, len(p.Workers))
	for name, b := range p.Workers {
		if b.Name = name; b.check(p.Chunks) != nil {
			return Progress{}, fmt.Errorf("%w: what it says of the worker %.100s is out of bounds", errMessage, strconv.Quote(name))
		}
		workers[b.Name] = b
	}
	p.Workers, p.Plan, p.Why, p.Trouble, p.Alarm = workers, plain(p.Plan), plain(p.Why), plain(p.Trouble), plain(p.Alarm)
	return p, nil
}

// decodeHead reads what is published of a job.
func decodeHead(text []byte) (*head, error) {
	var h head
	if err := json.Unmarshal(text, &h); err != nil {
		return nil, fmt.Errorf("the description of the study cannot be read: %w", err)
	}
	switch {
	case !isID(h.Plan) || len(h.Version) > mostID || plain(h.Version) != h.Version:
		return nil, fmt.Errorf("the description of the study names the plan %.100q of version %.100q", h.Plan, h.Version)
	case h.Chunks < 1 || !isCount(h.Chunks):
		return nil, fmt.Errorf("the description of the study states %d chunks", h.Chunks)
	case h.Done: // nothing more is needed
		return &h, nil
	case !isID(h.Probe) || !isID(h.Sum):
		return nil, fmt.Errorf("the description of the study has the probe %.100q and the checksum %.100q", h.Probe, h.Sum)
	case h.Size < 0 || h.Size > mostJob || h.Pieces < 0 || h.Pieces > mostJob/mostInline:
		return nil, fmt.Errorf("the description of the study has %d bytes in %d pieces; at most %d are taken", h.Size, h.Pieces, mostJob)
	case h.Wait < int64(leastWait) || h.Wait > int64(mostWait):
		return nil, fmt.Errorf("the description of the study reassigns tasks after %v; %v to %v is possible", time.Duration(h.Wait), leastWait, mostWait)
	}
	return &h, nil
}

// decodeTask reads a task of a study.
func decodeTask(text []byte, chunks int) (t task, err error) {
	if err := json.Unmarshal(text, &t); err != nil || len(t.Chunks) > mostChunks ||
		slices.ContainsFunc(t.Chunks, func(c int) bool { return c < 0 || c >= chunks }) {
		return task{}, fmt.Errorf("%w: a task of chunks that the plan does not have", errMessage)
	}
	return t, nil
}

// readResult reads the subject of a result: which chunk it is of, and the checksum of its content.
func readResult(subject string, chunks int) (chunk int, sum string, err error) {
	number, sum, _ := strings.Cut(strings.TrimPrefix(subject, resultSubject), ".")
	chunk, err = strconv.Atoi(number)
	if err != nil || chunk < 0 || chunk >= chunks || strconv.Itoa(chunk) != number || !isID(sum) {
		return 0, "", fmt.Errorf("%w: %.60q is not the subject of a chunk", ErrBad, subject)
	}
	return chunk, sum, nil
}
