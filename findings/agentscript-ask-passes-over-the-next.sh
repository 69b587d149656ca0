#!/bin/sh
# agentscript 0.10.27 from npm.
#
# One expects of ask, which says of itself that it guards against changes of the set while it runs, that every agent
# that is alive gets its turn, as in NetLogo. When an agent dies in its turn, the one behind it is passed over for that
# step, because all move up by one place. When an agent ends one that had its turn before, the next is passed over, too.
# Nothing is said. Agents that are born while ask runs are kept out rightly.
#
# It matters to models in which firms close or customers leave: in a step with many exits, half of the agents do not
# act, and the more exits, the fewer. The way around is to ask a copy: turtles.clone().ask(...), and to look whether an
# agent is still alive.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-fund --no-audit --prefix "$dir" agentscript@0.10.27
cat >turns.mjs <<'JS'
// The package asks for a canvas when it is loaded; no model does.
globalThis.OffscreenCanvas = class { getContext() { return {} } }
const { Model, World } = await import('agentscript')

// turns is which of six agents act in a step in which some do something to the set.
function turns(act) {
  const model = new Model(World.defaultOptions(5))
  model.turtles.create(6)
  const acted = []
  model.turtles.ask(agent => {
    acted.push(agent.id)
    act(agent, model.turtles)
  })
  return acted.join(' ')
}

console.log('nobody dies:', turns(() => {}))
console.log('1 dies:', turns(agent => { if (agent.id === 1) agent.die() }))
console.log('all die:', turns(agent => agent.die()))
console.log('3 ends 0:', turns((agent, turtles) => { if (agent.id === 3) turtles[0].die() }))
JS
cat >want <<'END'
nobody dies: 0 1 2 3 4 5
1 dies: 0 1 3 4 5
all die: 0 2 4
3 ends 0: 0 1 2 3 5
END
node turns.mjs | tee got
diff want got
