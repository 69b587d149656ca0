#!/bin/sh
# nodejs-polars 0.26.1 from npm, on Node 20 with npm 11.
#
# The package says that it works on this Node, and installs with exit code 0. Its compiled part is an optional package
# that asks for Node 22, so npm leaves it out without a word at its usual settings; the first require then fails with
# MODULE_NOT_FOUND, which reads as a broken download.
#
# Seen: "install: 0" and "require: MODULE_NOT_FOUND".
set -eu

case $(node --version) in
v20.*) ;;
*) echo "this needs Node 20; here is $(node --version)" >&2; exit 1 ;;
esac
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-fund --no-audit --prefix "$dir" nodejs-polars@0.26.1
echo "install: $?"
outcome=$(node -e 'try { require("nodejs-polars"); console.log("works") } catch (e) { console.log(e.code) }')
echo "require: $outcome"
[ "$outcome" = MODULE_NOT_FOUND ]
