// Package assets is what the programs carry with them.
package assets

import _ "embed"

// Icon is that of the program, 256 pixels square.
//
//go:embed icon.png
var Icon []byte
