#!/bin/sh
# r-cran-lhs 1.1.6 of Debian 12, on R 4.2.
#
# One expects that maximinLHS, which is there to make the smallest distance between any two points as large as it can,
# gives the samples that are best by that measure. With its usual settings it is the worst of the four: it spreads
# points little better than randomLHS does, while optimumLHS and geneticLHS, which pursue another aim, reach half as
# much again. The default method builds point by point from one candidate each (dup = 1) and does not look back.
#
# It matters to a design of few costly runs, where the name is taken for the result. The way around is method =
# "iterative", or to compare designs by min(dist(x)) before the runs.
#
# Seen: the lines in $want below; numbers are the smallest distance of ten points in a cube, the mean over 100 samples,
# relative to randomLHS.
set -eu

command -v Rscript >/dev/null || {
	echo "this needs R (Debian's r-base-core)" >&2
	exit 1
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
apt-get -qq download r-cran-lhs=1.1.6-1 r-cran-rcpp=1.0.10-1 2>/dev/null
for package in *.deb; do dpkg -x "$package" .; done
cat >want <<'END'
maximinLHS: 1.04
improvedLHS: 1.16
optimumLHS: 1.70
geneticLHS: 1.50
maximinLHS, iterative: 1.46
END
R_LIBS="$dir/usr/lib/R/site-library" Rscript -e '
library(lhs)
spread <- function(make) {
  set.seed(1)
  mean(sapply(1:100, function(i) min(dist(make(10, 3)))))
}
random <- spread(randomLHS)
for (name in c("maximinLHS", "improvedLHS", "optimumLHS", "geneticLHS"))
  cat(sprintf("%s: %.2f\n", name, spread(get(name)) / random))
iterative <- function(n, k) maximinLHS(n, k, method = "iterative")
cat(sprintf("maximinLHS, iterative: %.2f\n", spread(iterative) / random))
' | tee got
diff want got
