package words

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// mostFile is how long the name of a file may be, in bytes. Systems allow 255, of which a name in the making needs some.
const mostFile = 200

// devices are names that Windows keeps for itself, whatever follows them after a dot.
var devices = strings.Fields("CON PRN AUX NUL COM0 COM1 COM2 COM3 COM4 COM5 COM6 COM7 COM8 COM9 LPT0 LPT1 LPT2 LPT3 LPT4 LPT5 LPT6 LPT7 LPT8 LPT9")

// FileName is a name as a file or a directory can have it on every system, and nothing of a path: a slash and whatever else
// has a meaning there is a dash. It is cut so that it ends in the suffix whole.
func FileName(name, suffix string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\<>:"|?*`, r) || r == utf8.RuneError || Hidden(r) && !Joins(r) {
			return '-'
		}
		return r
	}, name)
	for end := len(name); len(name)+len(suffix) > mostFile && end > 0; {
		_, size := utf8.DecodeLastRuneInString(name)
		end -= size
		name = name[:end]
	}
	if name+suffix == "" {
		return "-"
	}
	name += suffix
	if end := strings.TrimRight(name, ". "); end != name { // which Windows drops, and . and .. are no files
		name = end + "-"
	}
	if before, _, _ := strings.Cut(name, "."); slices.ContainsFunc(devices, func(d string) bool { return strings.EqualFold(d, strings.TrimSpace(before)) }) {
		name = "-" + name
	}
	return name
}
