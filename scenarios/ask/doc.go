// Package ask answers what people ask of a market: why a lab left a vendor, what it would take to reach a target, what
// would have to be wrong for a conclusion to fail, and what an event costs buyers. Each question is a function of a scenario, and its answer a plain value; whoever prints or
// draws it decides nothing.
//
// All that is compared is paired: the world with the event and the world without it meet the same random draws, and the
// answer is of the differences, run by run.
package ask
