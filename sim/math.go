package sim

import "math"

// Exp and Log are here because the ones in package math are not the same
// function everywhere: they have assembly on some architectures, and the
// compiler may fuse x*y + z into one rounding on others. A run must have the
// same bits on all of them, so this file uses only operations that IEEE 754
// defines to the last bit, and writes every product that meets a sum as
// float64(x*y) + z: the language promises that a conversion rounds.

const (
	expCells = 128 // entries of expTable, a power of two
	logCells = 128 // entries of logTable, a power of two

	expPerUnit = 0x1.71547652b82fep+07 // 128/ln 2

	// ln(2)/128 in two parts. The first has 35 bits, which leaves room to
	// multiply it by any cell number (18 bits) exactly.
	expCellHi = 0x1.62e42fefcp-08
	expCellLo = -0x1.c610ca86c3899p-44

	// ln(2) in two parts. The first is a multiple of 2^-42, as is the first
	// part of each entry of logTable, so that Log adds them exactly.
	ln2Hi = 0x1.62e42fefa38p-01
	ln2Lo = 0x1.ef35793c7673p-45

	// Added to a float64 of small magnitude, it rounds that number to the
	// nearest integer and leaves the integer in the low bits of the sum.
	shifter     = 0x1.8p52
	shifterBits = 0x4338 << 48
)

// Exp returns e**x, with the same bits on every architecture. The error is
// below 0.52 ulp, or 0.76 ulp where the result is subnormal, and the function
// never decreases.
//
// Special cases are
//
//	Exp(+Inf) = +Inf
//	Exp(-Inf) = 0
//	Exp(NaN) = NaN
//
// Beyond 709.78 the result overflows to +Inf; below -708.39 it loses precision
// gradually, and below -745.13 it is 0.
//
// The method is Tang's: "Table-driven implementation of the exponential
// function in IEEE floating-point arithmetic", ACM Transactions on Mathematical
// Software 15(2), 1989. With k the integer nearest to 128x/ln 2 and
// r = x - k·ln(2)/128, e**x is 2^(k/128)·e**r: a power of two, an entry of a
// table, and a polynomial in |r| < 0.0028.
func Exp(x float64) float64 {
	if !(-746 < x && x < 710) { // also NaN; the rest is safe for the shifter
		switch {
		case x >= 710:
			return math.Inf(1)
		case x <= -746:
			return 0
		}
		return math.NaN()
	}

	shifted := float64(x*expPerUnit) + shifter
	k := int64(math.Float64bits(shifted) - shifterBits)
	kf := shifted - shifter

	// The first difference is exact: its terms are within a factor of two.
	r := x - float64(kf*expCellHi)
	r -= float64(kf * expCellLo)

	// p = e**r - 1 by Taylor's series; the first term left out is below 6e-19.
	rr := float64(r * r)
	p := float64(rr*(float64(r*(1.0/120))+1.0/24)) + (float64(r*(1.0/6)) + 1.0/2)
	p = r + float64(rr*p)

	entry := &expTable[k&(expCells-1)]
	y := entry.hi + (entry.lo + float64(entry.hi*p)) // in [0.997, 2)

	// Scaling is exact, or rounds once to a subnormal or to +Inf.
	e := k >> 7
	if e < -1022 || e > 1023 { // 2^e is not a normal number, but half of it is
		half := e >> 1
		return float64(y * powerOfTwo(half) * powerOfTwo(e-half))
	}
	return float64(y * powerOfTwo(e))
}

// Log returns the natural logarithm of x, with the same bits on every
// architecture. The error is below 0.52 ulp, Log(1) is exactly 0, and the
// function never decreases.
//
// Special cases are
//
//	Log(+Inf) = +Inf
//	Log(0) = -Inf
//	Log(x < 0) = NaN
//	Log(NaN) = NaN
//
// The method is table-driven, after Tang, "Table-driven implementation of the
// logarithm function in IEEE floating-point arithmetic", ACM Transactions on
// Mathematical Software 16(4), 1990, but multiplies by an approximate inverse
// instead of dividing. With x = 2^e·z and inv close to 1/z, ln x is
// e·ln 2 - ln(inv) + ln(1+r), where r = z·inv - 1. The table keeps inv to 8
// bits, by which r, below 2^-7 in magnitude and a multiple of 2^-60, is exact.
func Log(x float64) float64 {
	const (
		// The bits of F in the first row of logTable, and of the lowest z. Being
		// half a cell apart, they put 1 at the centre of a cell of its own, in
		// which ln x is ln(1+r) and small results keep all their digits.
		first  = 0x3fe6 << 48
		lowest = first - 1<<44

		smallestNormal = 1 << 52
		infinity       = 0x7ff << 52
	)

	ix := math.Float64bits(x)
	e := 0.0
	if ix-smallestNormal >= infinity-smallestNormal { // not positive, normal and finite
		switch {
		case x == 0:
			return math.Inf(-1)
		case x > math.MaxFloat64:
			return x
		case !(x > 0): // also NaN
			return math.NaN()
		}
		ix = math.Float64bits(x * 0x1p52) // subnormal
		e = -52
	}

	above := ix - lowest
	binade := int64(above) >> 52
	e += float64(binade)
	entry := &logTable[above>>45&(logCells-1)]

	// The upper 32 bits of z times inv are exact, so are the lower, and so is
	// the sum.
	iz := ix - uint64(binade)<<52
	z := math.Float64frombits(iz)
	upper := math.Float64frombits(iz &^ (1<<21 - 1))
	r := (float64(upper*entry.inv) - 1) + float64((z-upper)*entry.inv)

	// q = ln(1+r) - r by Taylor's series; the first term left out is below 5e-21.
	rr := float64(r * r)
	q := (float64(r*(1.0/7)) - 1.0/6) - float64(rr*(1.0/8))
	q = (float64(r*(1.0/5)) - 1.0/4) + float64(rr*q)
	q = (float64(r*(1.0/3)) - 1.0/2) + float64(rr*q)
	q = float64(rr * q)

	// hi is exact and, unless it is 0, exceeds r: sum and rest are exactly hi + r.
	hi := float64(e*ln2Hi) + entry.hi
	lo := float64(e*ln2Lo) + entry.lo
	sum := hi + r
	rest := (hi - sum) + r
	return sum + (rest + (q + lo))
}

// powerOfTwo returns 2^e for e in [-1022, 1023].
func powerOfTwo(e int64) float64 {
	return math.Float64frombits(uint64(e+1023) << 52)
}
