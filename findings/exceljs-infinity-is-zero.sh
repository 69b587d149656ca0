#!/bin/sh
# exceljs 4.4.0 from npm, with LibreOffice 7.4.7 and gnumeric 1.12.55 of Debian 12.
#
# One expects that a number which a workbook cannot hold is refused, or stored as an error or as text. exceljs writes
# Infinity and NaN as numbers, without a word, and reads them back as if all were well. LibreOffice takes the cell with
# Infinity for a number that it cannot read, and shows 0: the minimum of the column is then 0. gnumeric shows an error
# in its place.
#
# It matters to a table in which "never" is Infinity, as the week in which a supplier that is never left is left: never
# becomes the first week. The way around is to write null or text for what is not finite.
#
# Seen: the lines in $want below.
set -eu

command -v soffice >/dev/null && command -v ssconvert >/dev/null || {
	echo "this needs LibreOffice and gnumeric (Debian's libreoffice-calc and gnumeric)" >&2
	exit 1
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
soffice --version | head -1 | cut -d' ' -f1,2
ssconvert --version 2>&1 | head -1
npm install --silent --no-fund --no-audit --prefix "$dir" exceljs@4.4.0
cat >never.cjs <<'JS'
const { Workbook } = require('exceljs')
async function main() {
  const book = new Workbook()
  const sheet = book.addWorksheet('weeks')
  for (const week of [12, Infinity, 30]) sheet.addRow([week])
  sheet.getCell('A4').value = { formula: 'MIN(A1:A3)' }
  await book.xlsx.writeFile('never.xlsx')
  const again = new Workbook()
  await again.xlsx.readFile('never.xlsx')
  console.log('exceljs:', [1, 2, 3].map(row => again.worksheets[0].getCell(row, 1).value).join(' '))
}
main()
JS
cat >want <<'END'
exceljs: 12 Infinity 30
LibreOffice, with the minimum: 12 0 30 0
gnumeric, with the minimum: 12 #NUM! 30 #NUM!
END
{
	node never.cjs
	soffice -env:UserInstallation="file://$dir/profile" --headless --convert-to csv never.xlsx >/dev/null 2>&1
	ssconvert never.xlsx gnumeric.csv 2>/dev/null
	echo "LibreOffice, with the minimum: $(tr '\n' ' ' <never.csv | sed 's/ $//')"
	echo "gnumeric, with the minimum: $(tr '\n' ' ' <gnumeric.csv | sed 's/ $//')"
} | tee got
diff want got
