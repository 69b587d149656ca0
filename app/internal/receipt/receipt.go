// Package receipt keeps provenance records: where a figure came from, inside its own file. A record says which scenario,
// changes, seed and version a figure was drawn from, and how, so that one command draws it again.
//
// A [Receipt] is made [Of] results, written by [Receipt.Encode] as text that package canvas puts into the file, and found
// again by [Extract], also where other programs have packed, moved or encrypted it. What is read was written by whoever
// made the file: it is of limited size and depth, and is refused with a reason where it is not a record.
package receipt

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"

	"exodus/app/internal/store"
	"exodus/sim"
	"exodus/sim/study"
)

// Options say what of the results a figure shows.
type Options struct {
	Labs    []string `json:"labs,omitempty"`    // those shown; all where empty
	Vendors []string `json:"vendors,omitempty"` // the same
	Hide    []string `json:"hide,omitempty"`    // labs and vendors not shown
	Week    *int     `json:"week,omitempty"`    // counted from the deal's own as 0; nil is the kind's usual one
	Until   int      `json:"until,omitempty"`   // how many weeks are drawn of what goes on over time; 0 is all
	Stacked bool     `json:"stacked,omitempty"` // shares as areas on top of one another
}

// Paper says how a figure is written.
type Paper struct {
	Size    string `json:"size,omitempty"` // of figure.Sizes; page where it is empty
	DPI     int    `json:"dpi,omitempty"`  // of png; 300 where it is 0
	Dark    bool   `json:"dark,omitempty"`
	Title   string `json:"title,omitempty"` // in place of the figure's own
	NoTitle bool   `json:"no_title,omitempty"`
}

// Receipt is where a figure came from: all that is needed to draw it again. It is inside every file, as JSON: in the
// metadata element of an SVG, a text chunk of a PNG, the keywords of a PDF, a comment of a TeX.
type Receipt struct {
	Format   int      `json:"exodus_figure"` // of this receipt
	Version  string   `json:"version"`       // of the program that drew it
	Scenario string   `json:"scenario"`
	Title    string   `json:"title"`
	Variant  string   `json:"variant,omitempty"`
	Changes  []string `json:"changes,omitempty"` // path=value each, in their order
	Weeks    int      `json:"weeks"`

	Luck    sim.Luck    `json:"luck"`              // of one run
	Plan    *study.Plan `json:"plan,omitempty"`    // of a study
	Against string      `json:"against,omitempty"` // the variant that a study compares with
	Runs    int         `json:"runs"`              // that are done
	Of      int         `json:"of"`                // that were planned
	Digest  string      `json:"digest"`            // of the results

	Full bool `json:"full,omitempty"` // whether the study keeps every lab

	Question *store.Question `json:"question,omitempty"` // that exodus sensitivity answered, in place of a run or a study

	By      string  `json:"by,omitempty"` // how it was made, where nothing draws it again
	Figure  string  `json:"figure"`       // its kind
	Options Options `json:"options"`
	Paper   Paper   `json:"paper"`
	File    string  `json:"file"` // the format of the file

	Source string `json:"source"` // the scenario file, whole
}

// Of is the receipt of a figure of results, as drawn by a version of the program.
func Of(from *store.Results, version string, o Options) *Receipt {
	s := from.Scenario
	r := &Receipt{
		Version: version, Scenario: s.Name, Title: s.Title, Variant: s.Variant, Changes: s.Changes,
		Weeks: from.Weeks, Runs: 1, Of: 1, Digest: from.Digest, Options: o, Source: string(s.Source),
	}
	if from.Head == nil {
		r.Luck = from.Receipt.Luck
		if a := from.Answer; a != nil && a.Sensitivity != nil {
			r.Question, r.Runs, r.Of = &a.Sensitivity.Question, a.Sensitivity.Jobs(), a.Sensitivity.Jobs()
		}
		return r
	}
	r.Weeks = s.Spec.Weeks // which the variants need not have
	r.Plan, r.Against, r.Full, r.Runs, r.Of = from.Head.Plan, from.Head.Against, from.Head.Full, from.Done, from.Jobs
	return r
}

// format changes when a receipt of old cannot be read as before.
const format = 1

// Limits of what is read as a receipt. A scenario file is at most 4 MB.
const (
	mostFile    = 64 << 20 // of a figure's file
	mostReceipt = 16 << 20
	mostDepth   = 16 // of nested values
)

// Key is what a receipt is kept under in a file.
const Key = "exodus-receipt"

// Encode writes the receipt in ASCII, which every format takes as it is.
func (r *Receipt) Encode() string {
	stated := *r
	stated.Format = format
	plain, err := json.Marshal(stated)
	if err != nil {
		panic(err) // a struct of plain values
	}
	var out strings.Builder
	for _, c := range string(plain) {
		switch {
		case c < 0x7f:
			out.WriteRune(c)
		case c > 0xffff:
			a, b := utf16.EncodeRune(c)
			fmt.Fprintf(&out, `\u%04x\u%04x`, a, b)
		default:
			fmt.Fprintf(&out, `\u%04x`, c)
		}
	}
	return out.String()
}

func decode(text []byte) (*Receipt, error) {
	if len(text) > mostReceipt {
		return nil, errTooLarge
	}
	if err := checkDepth(text); err != nil {
		return nil, err
	}
	var r Receipt
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("the receipt cannot be read: %w", err)
	}
	switch {
	case r.Format == 0:
		return nil, ErrNoReceipt
	case r.Format != format:
		return nil, fmt.Errorf("a receipt of format %d; this version reads format %d", r.Format, format)
	}
	if r.Plan != nil {
		if err := r.Plan.Validate(); err != nil {
			return nil, fmt.Errorf("the receipt describes a study that is not possible: %w", err)
		}
	}
	return &r, nil
}

var errTooLarge = fmt.Errorf("the receipt has over %d bytes", mostReceipt)

// checkDepth refuses values nested deeper than those of a receipt, which a reader would follow down.
func checkDepth(text []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > mostDepth {
				return fmt.Errorf("the receipt nests values deeper than %d", mostDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}
