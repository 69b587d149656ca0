#!/bin/sh
# python3-openturns 1.20 of Debian 12.
#
# One expects that each generate() of an LHSExperiment draws a Latin hypercube anew, as a MonteCarloExperiment draws its
# points anew. By default only the place within each cell is new: the cells, which are what makes the design, are
# shuffled once and kept (alwaysShuffle is False). So replicates are copies of one design, moved a little, and their
# spread tells nothing about the error of the estimate: for ten points and x*y it is a quarter of what independent
# designs have.
#
# It matters where a design is replicated to get an error bar, which is then far too small. The way around is
# setAlwaysShuffle(True).
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
# What the machine lacks goes to the temporary folder.
need=$(apt-get -s --no-install-recommends install python3-openturns=1.20-9 | sed -n 's/^Inst \([^ ]*\).*/\1/p')
[ -z "$need" ] || apt-get -qq download $need 2>/dev/null
for package in *.deb; do [ ! -e "$package" ] || dpkg -x "$package" .; done
export PYTHONPATH="$dir/usr/lib/python3/dist-packages"
libraries=$dir/usr/lib/$(uname -m)-linux-gnu
export LD_LIBRARY_PATH="$dir/usr/lib:$libraries:$libraries/blas:$libraries/lapack"
cat >cells.py <<'PY'
import openturns as ot

ot.RandomGenerator.SetSeed(1)
law = ot.ComposedDistribution([ot.Uniform(0, 1)] * 2)


def replicates(always):
    experiment = ot.LHSExperiment(law, 10)
    experiment.setAlwaysShuffle(always)
    return [experiment.generate() for _ in range(2000)]


def cells(design):
    return sorted((int(10 * x), int(10 * y)) for x, y in design)


def spread(designs):
    means = ot.Sample([[sum(x * y for x, y in design) / 10] for design in designs])
    return means.computeStandardDeviation()[0]


usual, shuffled = replicates(False), replicates(True)
print("usual: designs with the cells of the first:", sum(cells(d) == cells(usual[0]) for d in usual), "of", len(usual))
print("always shuffled:", sum(cells(d) == cells(shuffled[0]) for d in shuffled), "of", len(shuffled))
print("spread of the mean of x*y, usual to shuffled: %.2f" % (spread(usual) / spread(shuffled)))
PY
cat >want <<'END'
usual: designs with the cells of the first: 2000 of 2000
always shuffled: 1 of 2000
spread of the mean of x*y, usual to shuffled: 0.26
END
/usr/bin/python3 cells.py | tee got
diff want got
