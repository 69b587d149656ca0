package figure

import (
	"slices"
	"strings"
	"unicode"

	"exodus/app/internal/canvas"
	"exodus/scenarios"
)

// Missing are the letters in a scenario's names and titles that neither the font of figures nor one of the machine has,
// each once: a PNG, a PDF and the window show boxes in their place.
func Missing(s *scenarios.Scenario) string {
	return written(s, canvas.Lacks)
}

// Borrows says whether a scenario's names and titles, or a title of one's own, have letters that the font of figures
// lacks: a figure with them is then not the same on machines with other fonts.
func Borrows(s *scenarios.Scenario, title string) bool {
	return written(s, canvas.Borrows, title) != ""
}

// written are the letters of a kind, beyond ASCII, in a scenario's names and titles and in other texts, each once.
func written(s *scenarios.Scenario, isKind func(rune) bool, texts ...string) string {
	texts = append(texts, s.Title)
	texts = slices.Concat(texts, s.Spec.VendorNames(), s.Spec.LabNames(), s.Spec.OwnerNames())
	for _, v := range s.Variants {
		texts = append(texts, v.Title)
	}
	var out strings.Builder
	seen := map[rune]bool{}
	for _, text := range texts {
		for _, c := range text {
			if seen[c] || c <= unicode.MaxASCII {
				continue
			}
			seen[c] = true
			if isKind(c) {
				out.WriteRune(c)
			}
		}
	}
	return out.String()
}
