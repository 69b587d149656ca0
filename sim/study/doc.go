// Package study plans many runs of a model: over the points of a design, in several variants, with many
// replicates of each. It knows a [Model], and nothing about what is modelled.
//
// A [Plan] is a value. [Plan.Job] says what its i-th run is, as a function of nothing else, and a chunk of it is
// a range of jobs. So a study can be cut short, resumed, extended or split over machines, with the same result.
// Jobs are ordered such that a study that is cut short has about as many runs of each point as of any other.
//
// Designs lay out the points: [Grid], [LatinHypercube], [Sobol], or those of a file, [ReadPoints].
package study
