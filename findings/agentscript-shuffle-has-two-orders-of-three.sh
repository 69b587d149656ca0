#!/bin/sh
# agentscript 0.10.27 from npm.
#
# One expects that shuffle gives every order the same chance, and that nOf(2) of a list of agents gives two agents, as
# NetLogo's n-of does. Of the six orders of three agents, shuffle only ever gives two: no agent can keep its place, let
# alone two of them. nOf draws with replacement, though it has a test that is to prevent it: one time in three, both are
# the same agent.
#
# It matters to any model in which agents act in random order or are drawn in pairs: the first of one week is never the
# first of the next where the list is shuffled in place, and an agent meets itself. The way around is to sort by a
# random key and to slice.
#
# Seen: "orders of three in 6000 shuffles: 231 312" and "drawn twice: about 1 in 3".
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-fund --no-audit --prefix "$dir" agentscript@0.10.27
cat >orders.mjs <<'JS'
import AgentArray from 'agentscript/src/AgentArray.js'
const agents = AgentArray.from([1, 2, 3].map(id => ({ id })))

const orders = new Set()
for (let i = 0; i < 6000; i++) orders.add(agents.clone().shuffle().map(agent => agent.id).join(''))
console.log('orders of three in 6000 shuffles:', [...orders].sort().join(' '))

let twice = 0
for (let i = 0; i < 6000; i++) {
  const [a, b] = agents.nOf(2)
  if (a === b) twice++
}
console.log('drawn twice:', twice > 1800 && twice < 2200 ? 'about 1 in 3' : `${twice} in 6000`)
JS
cat >want <<'END'
orders of three in 6000 shuffles: 231 312
drawn twice: about 1 in 3
END
node orders.mjs | tee got
diff want got
