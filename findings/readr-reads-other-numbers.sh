#!/bin/sh
# r-cran-readr 2.1.4 (with vroom 1.6.1) of Debian 12, on R 4.2.
#
# One expects that a number written with all its digits is read as the same number: read_csv of what write_csv wrote
# from the same table. Of 100,000 numbers between 0 and 1, one in five comes back with other last bits, because read_csv
# does not round to the nearest number. What write_csv wrote is right: R's own read.csv gets every one of them back.
#
# It matters for digests and joins: a key that is a number finds nothing, and a check that compares a study's table with
# its summary fails for R's users only. The way around is read.csv, or data.table's fread.
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
# R's packages that readr needs go to the temporary folder, too; only R itself is the machine's.
apt-get -qq download r-cran-readr=2.1.4-1 r-cran-vroom=1.6.1-1 $(apt-cache depends --recurse --no-recommends --no-suggests \
	--no-conflicts --no-breaks --no-replaces --no-enhances r-cran-readr | grep '^r-cran-' | grep -vE 'readr|vroom') 2>/dev/null
for package in *.deb; do dpkg -x "$package" .; done
cat >want <<'END'
readr: 19024 of 100000 differ
R: 0 of 100000 differ
END
R_LIBS="$dir/usr/lib/R/site-library" Rscript -e '
numbers <- abs(sin(1:100000))
readr::write_csv(data.frame(share = numbers), "shares.csv")
cat("readr:", sum(readr::read_csv("shares.csv", show_col_types = FALSE)$share != numbers), "of 100000 differ\n")
cat("R:", sum(read.csv("shares.csv")$share != numbers), "of 100000 differ\n")
' | tee got
diff want got
