#!/bin/sh
# golang.org/toolchain v0.0.1-go1.26.8.linux-amd64, downloaded by Go 1.20.14.
#
# The toolchain is an ordinary module, and a Go from before 1.21 downloads it without complaint: `go mod download`
# ends with exit code 0 and the right h1 sum. What it leaves in the module cache does not run. No program in bin and
# pkg/tool has its executable bit, which module zips do not carry, and each go.mod of the tree is called _go.mod,
# because a module zip may not hold the go.mod of another module. Go 1.21 and later mend both, but only when they
# switch to a toolchain by themselves: for them, too, `go mod download` leaves the tree as it is.
#
# Seen: "bin/go: mode 444" and "src/_go.mod: there; src/go.mod: missing".
set -eu

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOFLAGS=-modcacherw GOTOOLCHAIN=local

# An older Go, which is itself a toolchain module. Here, a recent Go is what the machine has.
first=$(go mod download -json golang.org/toolchain@v0.0.1-go1.20.14.linux-amd64 | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
cp -r "$first" old
chmod -R u+w old
chmod +x old/bin/* old/pkg/tool/linux_amd64/*
find old/src -name _go.mod | while read -r file; do mv "$file" "${file%_go.mod}go.mod"; done
./old/bin/go version

export GOMODCACHE="$dir/cache"
./old/bin/go mod download golang.org/toolchain@v0.0.1-go1.26.8.linux-amd64
root=$GOMODCACHE/golang.org/toolchain@v0.0.1-go1.26.8.linux-amd64
mode=$(stat -c %a "$root/bin/go")
echo "bin/go: mode $mode"
[ "$mode" = 444 ] || { echo "changed: programs of the toolchain have another mode" >&2; exit 1; }
[ -f "$root/src/_go.mod" ] || { echo "changed: there is no src/_go.mod" >&2; exit 1; }
[ ! -e "$root/src/go.mod" ] || { echo "changed: src/go.mod has its name" >&2; exit 1; }
echo "src/_go.mod: there; src/go.mod: missing"
