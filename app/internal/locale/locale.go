// Package locale gives Fyne a language of messages that it can read. Fyne reads the environment while packages are
// initialised, and complains at every start of one such as C.UTF-8; this package has fewer imports than Fyne's, and a
// name that is sorted before its own, so Go initialises it first.
package locale

import (
	"os"

	"github.com/jeandeaual/go-locale"
	"golang.org/x/text/language"
)

func init() {
	if !known() {
		speakEnglish()
	}
}

// known says whether the environment names languages, or none.
func known() bool {
	names, err := locale.GetLocales()
	for _, name := range names {
		if _, err := language.Parse(name); err != nil {
			return false
		}
	}
	return err == nil
}

// speakEnglish sets the language of messages. What letters the keyboard has stays as it is.
func speakEnglish() {
	if all := os.Getenv("LC_ALL"); all != "" {
		os.Setenv("LC_CTYPE", all)
		os.Unsetenv("LC_ALL")
	}
	os.Unsetenv("LANGUAGE")
	os.Setenv("LC_MESSAGES", "en")
}
