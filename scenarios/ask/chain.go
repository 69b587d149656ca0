package ask

import (
	"math/bits"

	"exodus/agents"
)

// The links of the chain from what an owner has to what a lab loses for want of trust. Each is at work, or it is as if it
// were not there: of stake, votes and executives the owners have what they had from before the start; nobody is a rival;
// nothing is exposed; the firewall is perfect; nobody else's leaving counts; there are no incidents.
const (
	stakeLink = iota
	votesLink
	executivesLink
	rivalryLink
	exposureLink
	firewallLink
	herdingLink
	incidentsLink
	links
)

var linkNames = [links]string{"stake", "votes", "executives", "rivalry", "exposure", "firewall", "herding", "incidents"}

// Part is a part of a whole.
type Part struct {
	Name string
	Nats float64
}

// chainOf splits what a lab loses with a vendor in the last of some weeks, for want of trust, along the chain. The parts are
// Shapley's values: what a link adds when it joins the others, averaged over all orders in which they can join. They add
// up to the whole. What a link needs others for is shared with them: a stake without rivalry costs nothing.
func chainOf(b agents.Believer, start agents.Outlook, weeks []agents.Outlook) []Part {
	var loss [1 << links]float64
	for set := range loss {
		loss[set] = lossWith(set, b, start, weeks)
	}
	// A link's weight in a set of size n: n! (links - n - 1)! / links!
	var weight [links]float64
	for n := range weight {
		weight[n] = 1 / float64(links)
		for k := range n { // over the number of such sets: links-1 over n
			weight[n] *= float64(k+1) / float64(links-1-k)
		}
	}
	parts := make([]Part, links)
	for link := range links {
		parts[link].Name = linkNames[link]
		for set := range loss {
			if set&(1<<link) == 0 {
				parts[link].Nats += weight[bits.OnesCount(uint(set))] * (loss[set|1<<link] - loss[set])
			}
		}
	}
	return parts
}

// lossWith is the loss in the last week with only some links at work.
func lossWith(set int, b agents.Believer, start agents.Outlook, weeks []agents.Outlook) float64 {
	works := func(link int) bool { return set&(1<<link) != 0 }
	if !works(exposureLink) {
		b.Leak = 0
	}
	if !works(rivalryLink) {
		b.Rivalry = make([]float64, len(b.Rivalry))
	}
	altered := make([]agents.Outlook, len(weeks))
	alter := func(o agents.Outlook) agents.Outlook {
		held := make([]agents.Holding, len(o.Held))
		for k, h := range o.Held {
			held[k] = start.Held[k]
			if works(stakeLink) {
				held[k].Stake = h.Stake
			}
			if works(votesLink) {
				held[k].Votes = h.Votes
			}
			if works(executivesLink) {
				held[k].Executives = h.Executives
			}
		}
		o.Held = held
		if !works(firewallLink) {
			o.Firewall = 1
		}
		if !works(herdingLink) {
			o.Herd = 0
		}
		if !works(incidentsLink) {
			o.Severity = 0
		}
		return o
	}
	for i := range weeks {
		altered[i] = alter(weeks[i])
	}
	losses := b.Losses(alter(start), altered)
	return losses[len(losses)-1]
}
