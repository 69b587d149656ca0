// Package scenarios reads markets from TOML files that people can write, check and share.
//
// A file states who buys, sells and owns, what happens when, how buyers behave, and what is only assumed. The
// names of its keys, their types, limits and defaults are the tags on the fields of [agents.Spec] and of the
// types here; the JSON Schema of [Schema] comes from the same tags. Whatever is wrong with a file is reported
// at once, each error with its line and column and with what would be right.
//
// Variants are named sets of changes within a file, in the same structure as the file:
//
//	[variants.no-deal]
//	title = "No deal"
//	events.deal = { stake = 0, executives = 0 }
//
// A variant may add what the file lacks, and take away what it has:
//
//	remove = ["events.promise"]
//
// A change from outside the file reaches every input by its dotted path, such as labs.Google.exposure=0.5.
// Facts state what a run must show for the scenario to be believed.
package scenarios

import (
	"fmt"

	"exodus/scenarios/words"
)

// Error is something wrong with a scenario: at a place in its file, or in a change to it.
type Error struct {
	File         string // or the change, where there is no line
	Line, Column int    // from 1; 0 where the error is about the whole
	Text         string
}

func (e Error) Error() string {
	place := e.File
	if e.Line > 0 {
		place = fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column)
	}
	return words.OneLine(place + ": " + e.Text)
}

// Errors is all that is wrong with a scenario, one line each.
type Errors []Error

// mostShown is how many errors are worth reading at once.
const mostShown = 20

func (e Errors) Error() string {
	text := ""
	for i, err := range e {
		if i == mostShown {
			return text + fmt.Sprintf("\nand %d more", len(e)-mostShown)
		}
		if i > 0 {
			text += "\n"
		}
		text += err.Error()
	}
	return text
}

// in are the errors of a variant, which each names.
func (e Errors) in(variant string) Errors {
	named := make(Errors, len(e))
	for i, err := range e {
		err.Text = fmt.Sprintf("variant %s: %s", variant, err.Text)
		named[i] = err
	}
	return named
}
