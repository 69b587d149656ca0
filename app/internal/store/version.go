package store

import (
	"runtime"
	"runtime/debug"
)

// Platform is the system and processor that the program runs on.
func Platform() string { return runtime.GOOS + "/" + runtime.GOARCH }

// Version is that of the module, or the commit that it was built from.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	revision, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			revision = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	if revision == "" {
		return "development"
	}
	return revision + dirty
}
