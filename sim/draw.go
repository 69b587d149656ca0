package sim

import (
	"math"
	"math/bits"
)

// Key names an agent or a purpose in a draw: the 64-bit FNV-1a hash of its name.
type Key uint64

// KeyOf returns the key of name: the FNV-1a hash of its bytes (RFC 9923). It does
// not allocate, but a caller that draws often does well to keep the key.
func KeyOf(name string) Key {
	const offset, prime = 0xcbf29ce484222325, 0x100000001b3
	h := uint64(offset)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * prime
	}
	return Key(h)
}

// Once is the week of a draw that is made once a run.
const Once = -1

// Luck is the source of random numbers for one run. It has no state: a draw is a
// function of Seed, Run, and the agent, purpose and week it is for, so it does
// not depend on which draws were made before it, in what order, or on which
// processor. A new agent, or a policy that makes an agent draw more, leaves all
// other draws as they are, so that two runs with the same luck differ only by
// what was changed (common random numbers).
//
// # The map from coordinates to draws
//
// This map is a contract: published results rest on it, so it must never change.
// Random bits come from Philox4x64-10 (Salmon, Moraes, Dror and Shaw, "Parallel
// Random Numbers: As Easy as 1, 2, 3", SC 2011), which turns a counter of four
// 64-bit words and a key of two into a block of four words:
//
//	counter = {Run, agent, purpose, week mod 2^32 + 2^32·try}
//	key     = {Seed, 1}
//
// The first word of the block, w0, makes the uniform draw: its upper 53 bits,
// with the lowest of them set to 1, over 2^53. That is the middle of one of 2^52
// equal parts of (0, 1). The draws are
//
//	Uniform     w0, with try 0
//	Normal      the quantile of that Uniform
//	Triangular  the quantile of that Uniform
//	Beta        w0, w1 and w2 of tries 0, 2, 4, … and 1, 3, 5, …; see there
//
// So two draws with the same coordinates are the same random number, not
// independent, even if they are of different kinds. Give each its own purpose.
// Weeks from -2^31 to 2^31-1 have draws of their own; others share theirs.
type Luck struct {
	Seed uint64 `json:"seed"` // names the whole experiment
	Run  uint64 `json:"run"`  // the number of the run in it
}

// drawMap stands in every Philox key. Another map from coordinates to draws
// would take another number, and so share nothing with this one.
const drawMap = 1

// block returns the block of random words that the map has for the coordinates.
func (l Luck) block(agent, purpose Key, week int, try uint32) (w0, w1, w2, w3 uint64) {
	when := uint64(uint32(week)) | uint64(try)<<32
	return philox(l.Run, uint64(agent), uint64(purpose), when, l.Seed, drawMap)
}

// Uniform returns a number from the open interval (0, 1): one of the 2^52
// numbers (2i+1)/2^53, all equally likely.
func (l Luck) Uniform(agent, purpose Key, week int) float64 {
	w0, _, _, _ := l.block(agent, purpose, week, 0)
	return unit(w0)
}

// Normal returns a number from the standard normal distribution, of mean 0 and
// standard deviation 1. It is the quantile of the Uniform with the same
// coordinates, so it rises with that, and stays within ±8.21.
func (l Luck) Normal(agent, purpose Key, week int) float64 {
	return normalQuantile(l.Uniform(agent, purpose, week))
}

// Stratified returns a number from (0, 1) that is Uniform over runs, and spread evenly over few of them: in each of
// the groups of strata runs that begin at a multiple of it, every run takes its number from another of as many
// equal parts. Several purposes together are a Latin hypercube over the runs of a group (McKay, Beckman and
// Conover, 1979). It uses the coordinates of Uniform with the week Once and, of the run that has the group's
// number, with the weeks 0 to strata-1.
func (l Luck) Stratified(agent, purpose Key, strata int) float64 {
	group := Luck{Seed: l.Seed, Run: l.Run / uint64(strata)}
	parts := make([]int, strata)
	for i := range parts {
		parts[i] = i
	}
	for i := strata - 1; i > 0; i-- { // Fisher and Yates
		j := int(group.Uniform(agent, purpose, i) * float64(i+1))
		parts[i], parts[j] = parts[j], parts[i]
	}
	return (float64(parts[l.Run%uint64(strata)]) + l.Uniform(agent, purpose, Once)) / float64(strata)
}

// Triangular returns a number from the triangular distribution on [low, high]
// whose density peaks at mode, in the unit of its arguments. It is the quantile
// at u, which lies in (0, 1), so it rises with that. If low and high are equal,
// it is that number.
//
// It is NaN unless low <= mode <= high and high-low is finite.
func Triangular(u, low, mode, high float64) float64 {
	width := high - low
	if !(low <= mode && mode <= high && width <= math.MaxFloat64) {
		return math.NaN()
	}
	if width == 0 {
		return low
	}

	// Each side is reckoned from its own end, where it needs the digits.
	left, right := (mode-low)/width, (high-mode)/width
	var x float64
	if u < left {
		x = low + float64(width*math.Sqrt(u*left))
	} else {
		x = high - float64(width*math.Sqrt((1-u)*right))
	}
	return min(max(x, low), high) // in case of rounding
}

// Beta returns a number in [0, 1] from the beta distribution with the shapes
// alpha and beta, whose mean is alpha/(alpha+beta). The ends themselves come up
// only where a draw is too close to one for a float64, as small shapes make it.
//
// It is NaN unless both shapes are within 1e-300 and 1e300.
//
// The draw is X/(X+Y), with X and Y from gamma distributions of those shapes, as
// Marsaglia and Tsang make them in "A simple method for generating gamma
// variables", ACM Transactions on Mathematical Software 26(3), 2000. That method
// may reject a number, and try again: X has the tries 0, 2, 4, … of the map in
// the comment on [Luck], and Y the tries 1, 3, 5, ….
func (l Luck) Beta(agent, purpose Key, week int, alpha, beta float64) float64 {
	const least, most = 1e-300, 1e300
	if !(least <= alpha && alpha <= most && least <= beta && beta <= most) {
		return math.NaN()
	}
	// Gammas of small shape are often too small for a float64; their logs are not.
	x := l.logGamma(agent, purpose, week, 0, alpha)
	y := l.logGamma(agent, purpose, week, 1, beta)
	return 1 / (1 + Exp(y-x))
}

// logGamma returns the natural logarithm of a number from the gamma distribution
// with the given shape and scale 1. It uses every second try from the first on.
func (l Luck) logGamma(agent, purpose Key, week int, first uint32, shape float64) float64 {
	// Below shape 1, it is the gamma of shape+1 times a power of a uniform.
	a := shape
	if shape < 1 {
		a++
	}
	d := a - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for try := first; ; try += 2 {
		w0, w1, w2, _ := l.block(agent, purpose, week, try)
		n := normalQuantile(unit(w0))
		v := 1 + float64(c*n)
		if v <= 0 {
			continue
		}
		v = float64(v * v * v)
		logV := Log(v)
		nn := float64(n * n)
		if Log(unit(w1)) >= float64(nn/2)+float64(d*(1-v+logV)) {
			continue
		}
		log := Log(d) + logV
		if shape < 1 {
			log += Log(unit(w2)) / shape
		}
		return log
	}
}

// unit turns a random word into a number in the open interval (0, 1).
func unit(w uint64) float64 {
	return float64(int64(w>>11|1)) * 0x1p-53
}

// normalQuantile returns the number below which a standard normal variable lies
// with probability p, for p in (0, 1). Its relative error is below 2e-15.
//
// The rational approximations are PPND16 of Wichura, "Algorithm AS 241: the
// percentage points of the normal distribution", Applied Statistics 37(3), 1988.
func normalQuantile(p float64) float64 {
	q := p - 0.5
	if -0.425 <= q && q <= 0.425 {
		r := 0.180625 - float64(q*q)
		return float64(q * ratio(r, &normalCentre))
	}
	tail := p
	if q > 0 {
		tail = 1 - p
	}
	r := math.Sqrt(-Log(tail))
	var z float64
	if r <= 5 {
		z = ratio(r-1.6, &normalShoulder)
	} else {
		z = ratio(r-5, &normalTail)
	}
	if q < 0 {
		return -z
	}
	return z
}

// rational holds the coefficients of two polynomials, the constant terms first.
type rational struct{ num, den [8]float64 }

var (
	normalCentre = rational{
		num: [8]float64{
			3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
			4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3,
		},
		den: [8]float64{
			1, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
			2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3,
		},
	}
	normalShoulder = rational{
		num: [8]float64{
			1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
			1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
		},
		den: [8]float64{
			1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
			1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
		},
	}
	normalTail = rational{
		num: [8]float64{
			6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
			2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
		},
		den: [8]float64{
			1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
			7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
		},
	}
)

// ratio evaluates f at x by Horner's rule.
func ratio(x float64, f *rational) float64 {
	num, den := f.num[7], f.den[7]
	for i := 6; i >= 0; i-- {
		num = float64(num*x) + f.num[i]
		den = float64(den*x) + f.den[i]
	}
	return num / den
}

// philox is Philox4x64-10: from a counter c and a key k it makes a block w. The
// constants are those of the authors' library, Random123. The words travel one by
// one, because arrays would go through memory, which takes twice as long.
func philox(c0, c1, c2, c3, k0, k1 uint64) (w0, w1, w2, w3 uint64) {
	const (
		rounds = 10
		step0  = 0x9e3779b97f4a7c15 // the golden ratio, and
		step1  = 0xbb67ae8584caa73b // the root of 3, less 1
	)
	for range rounds / 2 { // in pairs, for the registers to trade places less
		c0, c1, c2, c3 = philoxRound(c0, c1, c2, c3, k0, k1)
		k0, k1 = k0+step0, k1+step1
		c0, c1, c2, c3 = philoxRound(c0, c1, c2, c3, k0, k1)
		k0, k1 = k0+step0, k1+step1
	}
	return c0, c1, c2, c3
}

func philoxRound(c0, c1, c2, c3, k0, k1 uint64) (w0, w1, w2, w3 uint64) {
	hi0, lo0 := bits.Mul64(0xd2e7470ee14c6c93, c0)
	hi1, lo1 := bits.Mul64(0xca5a826395121157, c2)
	return hi1 ^ c1 ^ k0, lo1, hi0 ^ c3 ^ k1, lo0
}
