#!/bin/sh
# hyperformula 3.5.0 from npm.
#
# One expects the numbers of every other spreadsheet. INT, which its guide, too, describes as rounding down to the
# nearest integer, rounds toward zero: INT(-1.5) is -1, while FLOOR(-1.5, 1) is -2. EDATE from the 31st of January of a
# leap year arrives at the 28th of February, though EOMONTH knows the 29th. And a number of more than eleven digits is
# given out rounded, whole numbers included: a seed as it stands in a cell is another one, with a fraction.
#
# It matters to a web page that shows a study's workbook: weeks counted as INT of a difference of dates are off by one
# before the start, and the same file opened in a spreadsheet has other numbers. The way around is FLOOR(x, 1), EOMONTH,
# and the option precisionRounding.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-fund --no-audit --prefix "$dir" hyperformula@3.5.0
cat >formulas.cjs <<'JS'
const { HyperFormula } = require('hyperformula')
const sheet = [[123456789012345]]
const usual = HyperFormula.buildFromArray(sheet, { licenseKey: 'gpl-v3' })
for (const formula of ['INT(-1.5)', 'FLOOR(-1.5,1)', 'DAY(EDATE(DATE(2024,1,31),1))', 'DAY(EOMONTH(DATE(2024,1,31),1))', 'A1']) {
  console.log(`${formula}: ${usual.calculateFormula('=' + formula, 0)}`)
}
console.log('the cell A1 itself:', usual.getCellValue({ sheet: 0, row: 0, col: 0 }))
JS
cat >want <<'END'
INT(-1.5): -1
FLOOR(-1.5,1): -2
DAY(EDATE(DATE(2024,1,31),1)): 28
DAY(EOMONTH(DATE(2024,1,31),1)): 29
A1: 123456789010000.02
the cell A1 itself: 123456789010000.02
END
node formulas.cjs | tee got
diff want got
