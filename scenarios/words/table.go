package words

import (
	"io"
	"strings"
)

// Table is a text in columns, each as wide as its widest cell in a terminal. (text/tabwriter counts characters, of which
// those of Chinese take two columns.)
type Table struct {
	// Align has a letter for each column, l or r; columns beyond take the last. None is left.
	Align string

	lines []line
}

// line is a row of cells, or a text across all columns.
type line struct {
	cells []string
	text  string
}

// Row adds a row.
func (t *Table) Row(cells ...string) { t.lines = append(t.lines, line{cells: cells}) }

// Line adds a line across all columns. Columns keep their width below it.
func (t *Table) Line(text string) { t.lines = append(t.lines, line{text: text}) }

// String is the table, two blanks between its columns and none at the end of a line.
func (t *Table) String() string {
	var widths []int
	for _, l := range t.lines {
		for i, cell := range l.cells {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], Width(cell))
		}
	}
	var b strings.Builder
	for _, l := range t.lines {
		text := l.text
		for i, cell := range l.cells {
			if i > 0 {
				text += "  "
			}
			if t.right(i) {
				text += PadLeft(cell, widths[i])
			} else {
				text += Pad(cell, widths[i])
			}
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	return b.String()
}

// WriteTo writes the table.
func (t *Table) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, t.String())
	return int64(n), err
}

func (t *Table) right(column int) bool {
	return t.Align != "" && t.Align[min(column, len(t.Align)-1)] == 'r'
}
