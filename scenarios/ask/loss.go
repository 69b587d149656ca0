package ask

import (
	"math"

	"exodus/agents"
	"exodus/sim"
)

// Loss is what a buyer loses by an event in a week, in USD million a year: the compensating variation between the world
// with the event and the one without it. Distrust, Price and Waiting add up to Harm; Unmet stands beside them.
//
// In nats, what lab i gets in a week is the log-sum of its decision less the divergence of the mix that it ends with:
//
//	V_i = ln sum_j exp(U_ij) - sum_j w_ij ln(w_ij / w*_ij)
//
// and its harm is what would have to be added to its budget to make up for it (Small and Rosen 1981):
//
//	harm_i = B_i (exp((V_i0 - V_i1) / beta_p) - 1)
//
// The log-sum's part is split into trust and price, quality included, by Shapley's value over the two; the rest is what
// it costs that work moves slowly. In dollars the parts are in proportion to their nats.
type Loss struct {
	Harm     float64
	Distrust float64 // vendors that feel dearer, since they are not trusted
	Price    float64 // vendors that are dearer, or worse
	Waiting  float64 // work that is not where the lab wants it
	Unmet    float64 // budget that nobody delivers, more than without the event
}

// parts is how many numbers a Loss has.
const parts = 5

// parts are the numbers of a Loss, in its order.
func (l *Loss) parts() [parts]*float64 {
	return [...]*float64{&l.Harm, &l.Distrust, &l.Price, &l.Waiting, &l.Unmet}
}

// lossOf compares a lab's week in the world with the event with that in the world without it.
func lossOf(with, without *agents.Appraisal, priceSensitivity float64) Loss {
	// The log-sum with the trust of one world and the prices of the other: 1 is with the event.
	worlds := [2]*agents.Appraisal{without, with}
	var sum [2][2]float64
	for trust := range 2 {
		for price := range 2 {
			sum[trust][price] = logSum(without.Base, worlds[price].Gain, worlds[trust].Loss)
		}
	}
	distrust := (sum[0][0] - sum[1][0] + sum[0][1] - sum[1][1]) / 2
	price := (sum[0][0] - sum[0][1] + sum[1][0] - sum[1][1]) / 2
	waiting := divergence(with, sum[1][1]) - divergence(without, sum[0][0])
	nats := distrust + price + waiting

	l := Loss{Harm: with.Budget * math.Expm1(nats/priceSensitivity), Unmet: with.Unmet - without.Unmet}
	each := with.Budget / priceSensitivity // USD a nat, near nothing
	if nats != 0 {
		each = l.Harm / nats
	}
	l.Distrust, l.Price, l.Waiting = each*distrust, each*price, each*waiting
	return l
}

// logSum is ln sum_j exp(U_ij), against the start.
func logSum(base, gain, loss []float64) float64 {
	z := 0.0
	for j := range base {
		if base[j] > 0 {
			z += float64(base[j] * sim.Exp(gain[j]-loss[j]))
		}
	}
	return sim.Log(z)
}

// divergence is what a lab loses by a mix that is not the one it wants, in nats.
func divergence(a *agents.Appraisal, logSum float64) float64 {
	d := 0.0
	for j, w := range a.Mix {
		if w > 0 {
			d += w * (math.Log(w/a.Base[j]) - a.Gain[j] + a.Loss[j] + logSum)
		}
	}
	return d
}
