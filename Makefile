# make run    opens the window on the reference market; without a display, runs it and names the files it wrote
# make test   all that must hold; the first time takes minutes, most of them to build tools and the window
# make check  what is slow and seldom fails: the race detector everywhere, other processors, other programs, a scheduler
# make bench  how fast it is
# make package  a package of the window for Linux
#
# Each installs what the machine lacks, and says so before it does.

.PHONY: run test check bench package vet unit window race races platforms readable slurm ratios vulnerabilities

# A Go that .ci/install brought, where the machine's own is too old.
export PATH := $(CURDIR)/.ci/go:$(PATH)

# What a window needs on Linux: the headers of OpenGL and X.
headers = $(if $(filter Linux,$(shell uname -s)),/usr/include/GL/gl.h=libgl1-mesa-dev /usr/include/X11/extensions/XInput2.h=xorg-dev)
# What tries it: a screen that nobody sees, a hand, and an eye.
hands = $(if $(filter Linux,$(shell uname -s)),Xvfb=xvfb xdotool=xdotool xclip=xclip)

# What runs an array of jobs.
scheduler = $(if $(filter Linux,$(shell uname -s)),slurmctld=slurmctld slurmd=slurmd sbatch=slurm-client munged=munge)

# What opens a report.
browser = $(if $(filter Linux,$(shell uname -s)),chromium=chromium)

# Where there is a screen, the window; elsewhere, the same market without one.
run:
	@.ci/install go=golang
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname -s)" = Darwin ]; then \
		.ci/install gcc=gcc $(headers) && \
		echo "Building the window, which takes minutes the first time, and opening it." && \
		go run ./app; \
	else \
		echo "There is no display for a window: running the scenario meta-scale without one." && \
		CGO_ENABLED=0 go run ./app/exodus run meta-scale --force; \
	fi

# How fast it is: a table, from benchmarks that benchstat reads too. ONLY=Population make bench runs some of them.
bench:
	@.ci/install go=golang
	@.ci/bench

# A package for Linux, with its place in the menu: dist/exodus.tar.xz.
package:
	@.ci/install go=golang gcc=gcc xz=xz-utils $(headers)
	go build -trimpath -o dist/exodus ./app
	@cp FyneApp.toml dist/ # in which the packager counts its builds
	go run fyne.io/tools/cmd/fyne@v1.7.4 package --executable dist/exodus --target linux
	@mv dist/FyneApp.toml . && mv exodus.tar.xz dist/ && echo "dist/exodus.tar.xz: unpack it, and run make install in it"

test: vet unit window race ratios
	@echo "All tests pass."

check: races platforms readable slurm vulnerabilities
	@echo "All checks pass."

vet:
	@.ci/install go=golang gcc=gcc $(headers)
	@echo "== format, vet, staticcheck"
	@files=$$(gofmt -l .) && if [ -n "$$files" ]; then echo "gofmt would change: $$files" >&2; exit 1; fi
	go vet ./...
	go tool staticcheck ./...

# Without a C compiler, as on a cluster: all but the program with the window. With the coverage of each package.
unit:
	@.ci/install $(browser)
	@echo "== tests, in pure Go"
	CGO_ENABLED=0 go build -o /dev/null ./app/exodus
	CGO_ENABLED=0 go test -cover -timeout 20m $$(go list ./... | grep -v '^exodus/app$$')

# The real window, with a screen that nobody sees.
window:
	@.ci/install gcc=gcc $(headers) $(hands)
	@echo "== the window"
	go test -timeout 20m ./app

# What runs concurrently: the engine, the market, and all that the window knows.
race:
	@.ci/install gcc=gcc
	@echo "== the engine, the market and the session, with the race detector"
	CGO_ENABLED=1 go test -race -short -timeout 40m ./sim ./sim/study ./agents ./app/internal/session

# The rest with the race detector, but for the pages in the driver that Fyne has for tests, which draws on whatever
# goroutine it is told to: they are watched in the real window. Of the headless program, the scripts: what its other
# tests build and start is not watched. The NATS server has races of its own where its storage begins anew after a full
# disk: without those schedules.
races:
	@.ci/install gcc=gcc $(headers) $(hands) $(browser)
	@echo "== all packages, with the race detector"
	CGO_ENABLED=1 go test -race -short -timeout 20m $$(go list ./... | grep -v -e '^exodus/app/internal/desktop$$' -e '^exodus/app/exodus$$' -e '^exodus/sim/cluster$$')
	CGO_ENABLED=1 go test -race -short -timeout 20m -skip 'TestFullDisk/queue|TestFaults/disk|TestFaults/seed' ./sim/cluster
	CGO_ENABLED=1 go test -race -short -timeout 20m -run Scripts ./app/exodus

platforms:
	@.ci/install qemu-aarch64=qemu-user node=nodejs
	@.ci/platforms

# Results open in the tools that docs/files.md names, as far as those can be had here.
readable:
	@.ci/install node=nodejs npm=npm /usr/lib/python3/dist-packages/pandas/__init__.py=python3-pandas gs=ghostscript mutool=mupdf-tools qpdf=qpdf convert=imagemagick xmllint=libxml2-utils
	@.ci/readers
	@.ci/receipts

# What goroutines cost over a plain loop, within one run: never seconds.
ratios:
	@.ci/ratios

# A study through a real scheduler. Elsewhere than on Linux, and for others than root, it says that it is not run.
slurm:
	@.ci/install $(scheduler)
	@.ci/slurm

# The database of known vulnerabilities is on the network. Where it cannot be reached, that is said.
vulnerabilities:
	@echo "== known vulnerabilities"
	@log=$$(go tool govulncheck ./... 2>&1); code=$$?; \
	case $$log in \
	*"fetching vulnerabilities"*) echo "NOT CHECKED: the database of vulnerabilities cannot be reached from here." ;; \
	*) printf '%s\n' "$$log"; exit $$code ;; \
	esac
