# make run    runs the reference market, and names the files that it wrote
# make test   all that must hold; the first time takes minutes, most of them to build tools
#
# Each installs what the machine lacks, and says so before it does.

.PHONY: run test vet unit race platforms readable vulnerabilities

run:
	@.ci/install go=golang
	@echo "Building exodus, and running the scenario meta-scale."
	@CGO_ENABLED=0 go run ./app/exodus run meta-scale --force

test: vet unit race platforms readable vulnerabilities
	@echo "All tests pass."

vet:
	@.ci/install go=golang gcc=gcc
	@echo "== format, vet, staticcheck"
	@files=$$(gofmt -l .) && if [ -n "$$files" ]; then echo "gofmt would change: $$files" >&2; exit 1; fi
	go vet ./...
	go tool staticcheck ./...

# Without a C compiler, as on a cluster; with the coverage of each package.
unit:
	@echo "== tests, in pure Go"
	CGO_ENABLED=0 go build -o /dev/null ./app/exodus
	CGO_ENABLED=0 go test -cover -timeout 20m ./...

race:
	@.ci/install gcc=gcc
	@echo "== tests, with the race detector"
	CGO_ENABLED=1 go test -race -timeout 30m ./...

platforms:
	@.ci/install qemu-aarch64=qemu-user node=nodejs
	@.ci/platforms

# Results open in the tools that the README names, as far as those can be had here.
readable:
	@.ci/install node=nodejs npm=npm
	@.ci/duckdb

# The database of known vulnerabilities is on the network. Where it cannot be reached, that is said.
vulnerabilities:
	@echo "== known vulnerabilities"
	@log=$$(go tool govulncheck ./... 2>&1); code=$$?; \
	case $$log in \
	*"fetching vulnerabilities"*) echo "NOT CHECKED: the database of vulnerabilities cannot be reached from here." ;; \
	*) printf '%s\n' "$$log"; exit $$code ;; \
	esac
