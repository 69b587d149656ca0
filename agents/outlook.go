package agents

import "exodus/sim"

// Outlook is what a lab could know of a vendor in a week: what its trust follows from.
type Outlook struct {
	Held     []Holding // by owner
	Firewall float64   // credibility
	Herd     float64   // X: the share of the vendor's clients, weighted by conflict, that had left
	Severity float64   // of this week's incident
}

// Outlook is what a lab could know of a vendor in the week that the market has just lived.
func (m *Market) Outlook(lab, vendor int) Outlook {
	o := Outlook{Firewall: m.board.News[vendor].Firewall, Severity: m.board.severity[m.labs[lab].line.index*len(m.vendors)+vendor]}
	if m.board.Offers[vendor].Touched {
		o.Herd = m.board.Offers[vendor].Herd
	}
	for k := range m.owners {
		o.Held = append(o.Held, m.Holds(k, vendor))
	}
	return o
}

// Believer is how a lab makes trust of what it knows, in one run.
type Believer struct {
	Model   Model
	Leak    float64   // utility lost with a vendor that is not trusted at all, in nats: beta_L e
	Rivalry []float64 // by owner
}

// Believer is how a lab makes trust of what it knows.
func (m *Market) Believer(lab int) Believer {
	return Believer{m.model, m.labs[lab].leak, m.labs[lab].rivalriesOf(lab)}
}

// Losses is the utility that the lab loses with a vendor for want of trust, in nats, in each of the weeks that follow a
// start. It is what the lab of a market computes, for whoever asks what it would be under another outlook.
func (b *Believer) Losses(start Outlook, weeks []Outlook) []float64 {
	conflict := b.conflict(&start)
	d := doubt{Conflict: conflict, Fear: conflict, First: conflict, Keeps: 1}
	var losses []float64
	for i := range weeks {
		d.Conflict = b.conflict(&weeks[i])
		d.learn(&b.Model, b.Leak, felt(d.Conflict, b.Model.Herding, weeks[i].Herd), weeks[i].Severity)
		losses = append(losses, d.Loss)
	}
	return losses
}

func (b *Believer) conflict(o *Outlook) float64 {
	open, safe := 1-o.Firewall, 1.0
	for k, h := range o.Held {
		safe = float64(safe * (1 - float64(b.Model.Control(h)*b.Rivalry[k]*open)))
	}
	return 1 - safe
}

// control is what an owner has by its stake, votes and executives.
func (m *Model) control(stake, votes, executives float64) float64 {
	if stake == 0 && votes == 0 && executives == 0 {
		return 0
	}
	power := float64(m.ControlPerStake*stake) + float64(m.ControlPerVotes*votes) + float64(m.ControlPerExecs*executives)
	return 1 - sim.Exp(-power)
}

// Control is what an owner has by what it holds of a vendor, in [0, 1].
func (m *Model) Control(h Holding) float64 { return m.control(h.Stake, h.Votes, h.Executives) }
