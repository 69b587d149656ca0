#!/bin/sh
# @duckdb/node-api 1.5.6-r.1 from npm.
#
# One expects that a whole number in a CSV file is read as that number, or that the reader says that it cannot. The
# reader guesses a column's type among BIGINT, DOUBLE and text, and not UBIGINT or HUGEINT: a single seed beyond 2^63,
# which every other run's uint64 is, makes the whole column DOUBLE, and other rows lose digits that they keep without
# that row. The same rows as JSON are read exactly, as HUGEINT. Joined, the two files still match, since the exact side
# is rounded, too: runs whose seeds differ by one are taken for one run.
#
# It matters to tables of runs by seed: which runs can be told apart depends on a row elsewhere in the file. The way
# around is types={'seed': 'UBIGINT'}.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-fund --no-audit --prefix "$dir" @duckdb/node-api@1.5.6-r.1
printf 'run,seed\n1,9007199254740992\n2,9007199254740993\n' >small.csv
{
	cat small.csv
	echo '3,18446744073709551615'
} >large.csv
echo '[{"run":1,"seed":9007199254740992},{"run":2,"seed":9007199254740993},{"run":3,"seed":18446744073709551615}]' >large.json
cat >seeds.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api'
const connection = await (await DuckDBInstance.create()).connect()
const value = async query => (await connection.runAndReadAll(query)).getRowsJson()[0][0]
for (const from of ["'small.csv'", "'large.csv'", "'large.json'", "read_csv('large.csv', types={'seed': 'UBIGINT'})"]) {
  const type = await value(`select typeof(seed) from ${from} limit 1`)
  const seeds = await value(`select count(distinct seed) from ${from} where run < 3`)
  console.log(`${from}: ${type}, seeds of runs 1 and 2: ${seeds}`)
}
console.log('pairs of CSV and JSON, by seed:', await value("select count(*) from 'large.csv' join 'large.json' using (seed)"))
JS
cat >want <<'END'
'small.csv': BIGINT, seeds of runs 1 and 2: 2
'large.csv': DOUBLE, seeds of runs 1 and 2: 1
'large.json': HUGEINT, seeds of runs 1 and 2: 2
read_csv('large.csv', types={'seed': 'UBIGINT'}): UBIGINT, seeds of runs 1 and 2: 2
pairs of CSV and JSON, by seed: 5
END
node seeds.mjs | tee got
diff want got
