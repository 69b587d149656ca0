#!/bin/sh
# github.com/nats-io/nats-server/v2 v2.15.2: variables in a configuration file.
#
# A variable from the environment is not a string: what it holds is parsed as configuration. A token of digits only is a
# number, "8k" is 8,000, "yes" is a truth value, and each is refused where a token is wanted, with an error that names a
# Go interface conversion and no variable. Quotes around the variable do not help: within them nothing is replaced, and
# the token is then the text $TOKEN itself. What works is a value that brings its own quotes.
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module variables

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/nats-io/nats-server/v2/server"
)

// token is what the server takes for its token, where the environment has value and the file has line.
func token(value, line string) string {
	if err := os.Setenv("TOKEN", value); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("nats.conf", []byte("authorization { token: "+line+" }\n"), 0o600); err != nil {
		log.Fatal(err)
	}
	options, err := server.ProcessConfigFile("nats.conf")
	switch {
	case err != nil && strings.Contains(err.Error(), "interface conversion"):
		return "refused: an interface conversion"
	case err != nil:
		return "refused: " + err.Error()
	}
	return "taken as " + options.Authorization
}

func main() {
	for _, value := range []string{`letters`, `12345678`, `8k`, `yes`, `"12345678"`} {
		fmt.Printf("%s: %s\n", value, token(value, `$TOKEN`))
	}
	fmt.Printf("letters, in quotes in the file: %s\n", token("letters", `"$TOKEN"`))
}
GO
cat >want <<'END'
letters: taken as letters
12345678: refused: an interface conversion
8k: refused: an interface conversion
yes: refused: an interface conversion
"12345678": taken as 12345678
letters, in quotes in the file: taken as $TOKEN
END
GOFLAGS=-mod=mod go get github.com/nats-io/nats-server/v2@v2.15.2 >/dev/null 2>&1
GOFLAGS=-mod=mod go run . | tee got
diff want got
