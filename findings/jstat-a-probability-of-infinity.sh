#!/bin/sh
# jstat 1.9.6 from npm.
#
# One expects a probability from a distribution function. poisson.cdf is right for small counts; with a mean of 160 it
# answers Infinity for 150, and NaN for 171, since it adds up powers and factorials that no float64 holds. And one
# expects that two functions of one library agree on a quartile: percentile and quantiles do not, because the first is
# type 7 and the second a type of its own by default.
#
# It matters to a page that judges counts of a simulation, such as customers who left: a comparison with NaN is false,
# so that a test is never failed. The way around is the normal approximation, or a sum of logarithms by jStat.gammaln.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-fund --no-audit --prefix "$dir" jstat@1.9.6
cat >counts.cjs <<'JS'
const { jStat } = require('jstat')
// logs is the same sum over logarithms.
function logs(count, mean) {
  let sum = 0
  for (let k = 0; k <= count; k++) sum += Math.exp(k * Math.log(mean) - mean - jStat.gammaln(k + 1))
  return sum
}
for (const [count, mean] of [[2, 4], [90, 100], [150, 160], [171, 160]]) {
  console.log(`at most ${count} of mean ${mean}: ${jStat.poisson.cdf(count, mean).toFixed(3)}; by logarithms ${logs(count, mean).toFixed(3)}`)
}
const numbers = [1, 2, 3, 4]
console.log(`lower quartile of 1 to 4: percentile ${jStat.percentile(numbers, 0.25)}, quantiles ${jStat.quantiles(numbers, [0.25])}`)
JS
cat >want <<'END'
at most 2 of mean 4: 0.238; by logarithms 0.238
at most 90 of mean 100: 0.171; by logarithms 0.171
at most 150 of mean 160: Infinity; by logarithms 0.228
at most 171 of mean 160: NaN; by logarithms 0.819
lower quartile of 1 to 4: percentile 1.75, quantiles 1.4375
END
node counts.cjs | tee got
diff want got
