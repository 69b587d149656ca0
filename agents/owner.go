package agents

import "exodus/sim"

// owner holds stakes in vendors, and may be a lab itself.
type owner struct {
	*Market
	k int
}

func (o *owner) Name() string { return o.plan.spec.Owners[o.k].Name }

// Act posts how much control the owner has of each vendor, and what it has committed to spend there.
func (o *owner) Act(sim.Time) {
	if o.news {
		o.post()
	}
}

func (o *owner) post() {
	b, m := &o.board, &o.model
	for j := range o.plan.vendors {
		held := o.k*len(o.plan.vendors) + j
		b.floor[held] = b.minimum[held]
		b.control[held] = m.control(b.stake[held], b.votes[held], b.executives[held])
	}
}
