#!/bin/sh
# r-cran-rcpptoml 0.2.2 of Debian 12, on R 4.2.
#
# One expects of TOML's 64-bit integers that R, which has none, makes doubles of them or refuses. parseTOML wraps them
# to 32 bits without a warning: 3000000000 is -1294967296, and the seed 2^53+1 is 1. A list takes its kind from its
# first number: [1, 2.5], which TOML 1.0 allows, becomes the integers 1 and 2. With 1.0 in front it is right.
#
# It matters to a scenario that a program writes and R reads beside the results: a price of 2.5 is 2, and another seed
# is told than the one that ran. The way around is to write numbers of one list with a decimal point all or none, and
# integers beyond 2^31 as strings.
#
# Seen: the lines in $want below.
set -eu

command -v Rscript >/dev/null || {
	echo "this needs R (Debian's r-base-core)" >&2
	exit 1
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
apt-get -qq download r-cran-rcpptoml=0.2.2+dfsg-1 r-cran-rcpp=1.0.10-1 2>/dev/null
for package in *.deb; do dpkg -x "$package" .; done
cat >scenario.toml <<'TOML'
weeks = 104
budget = 3000000000
seed = 9007199254740993
prices = [1, 2.5]
others = [1.0, 2.5]
TOML
cat >want <<'END'
weeks: 104
budget: -1294967296
seed: 1
prices: 1 2
others: 1.0 2.5
END
R_LIBS="$dir/usr/lib/R/site-library" Rscript -e '
scenario <- RcppTOML::parseTOML("scenario.toml")
for (key in c("weeks", "budget", "seed", "prices", "others")) cat(paste0(key, ":"), format(scenario[[key]]), "\n")
' | sed 's/ *$//' | tee got
diff want got
