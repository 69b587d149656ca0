#!/bin/sh
# @iarna/toml 3.0.0 from npm.
#
# One expects that stringify writes TOML. A number whose shortest form in JavaScript has an exponent but no point, such
# as a tolerance of 1e-7, is written as 1e-7.undefined. Nothing is said when the file is written; the next reader
# refuses all of it, this package's own parse included. 1.5e-7 and 1e21 are written rightly, so a settings file works
# until someone chooses a round number.
#
# It matters where a web page or a script in Node edits the scenario that a simulation reads. The way around is to parse
# what stringify returned before the file is replaced, or smol-toml.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-fund --no-audit --prefix "$dir" @iarna/toml@3.0.0
cat >tolerance.js <<'JS'
const toml = require('@iarna/toml')
for (const tolerance of [0.001, 1.5e-7, 1e-7, 1e21]) {
  const text = toml.stringify({ tolerance })
  let outcome = 'read back'
  try {
    if (toml.parse(text).tolerance !== tolerance) outcome = 'read as another number'
  } catch (error) {
    outcome = 'refused'
  }
  console.log(`${text.trim()}: ${outcome}`)
}
JS
cat >want <<'END'
tolerance = 0.001: read back
tolerance = 1.5e-7: read back
tolerance = 1e-7.undefined: refused
tolerance = 1e+21: read back
END
node tolerance.js | tee got
diff want got
