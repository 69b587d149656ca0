package agents

import "strings"

// Problems is all that is wrong with a Spec; as an error, one line each.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = strings.Join(problem.Path, ".") + ": " + problem.Text
	}
	return strings.Join(lines, "\n")
}

// Check returns all that is wrong with the Spec.
func (s *Spec) Check() []Problem {
	var found []Problem
	if len(s.Labs) == 0 {
		found = append(found, Problem{[]string{"labs"}, "a market needs a lab"})
	}
	return found
}
