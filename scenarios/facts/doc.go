// Package facts judges a scenario by what it states that a run must show.
//
// [Judge] says how each fact fares over many runs, [Calibrate] at which of many assumptions all of them hold, and [Fit]
// searches for assumptions that come closest. What a fact is and how a run is measured stands with the file, in
// [exodus/scenarios].
package facts
