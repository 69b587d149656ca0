#!/bin/sh
# github.com/pdfcpu/pdfcpu v0.15.0, on a file of codeberg.org/go-pdf/fpdf v0.11.1.
#
# One expects that a step after the drawing, such as OptimizeFile or AddPropertiesFile, leaves the date on which a
# document was created, and dates the change. Each sets CreationDate, not only ModDate, to the moment at which it runs.
# TrimFile and CollectFile, which are about pages, leave out the title, the keywords and the attachments as well.
#
# It matters to provenance: a figure of last year that had a property added says that it was made today, and one that
# was trimmed has lost the scenario that was attached to it. It also makes two runs of a reproducible build differ. The
# way around is qpdf, which keeps all of it for "--pages . 1 --".
#
# Seen: the lines in $want below.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module created

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"os"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// tell says what is known of a document.
func tell(step, name string) {
	file, err := os.Open(name)
	check(err)
	defer file.Close()
	info, err := api.PDFInfo(file, name, nil, false, model.NewDefaultConfiguration())
	check(err)
	attachments, err := api.Attachments(file, model.NewDefaultConfiguration())
	check(err)
	created := "today"
	if len(info.CreationDate) > 10 && info.CreationDate[:10] == "D:20200301" {
		created = "2020-03-01"
	}
	fmt.Printf("%s: created %s, title %q, attachments %d\n", step, created, info.Title, len(attachments))
}

func main() {
	api.DisableConfigDir()
	document := fpdf.New("P", "mm", "A4", "")
	document.SetCreationDate(time.Date(2020, 3, 1, 12, 0, 0, 0, time.UTC))
	document.SetTitle("Shares", false)
	document.SetAttachments([]fpdf.Attachment{{Content: []byte("seed = 42\n"), Filename: "scenario.toml"}})
	document.AddPage()
	check(document.OutputFileAndClose("drawn.pdf"))
	tell("drawn", "drawn.pdf")

	c := model.NewDefaultConfiguration
	check(api.OptimizeFile("drawn.pdf", "optimized.pdf", c()))
	tell("optimized", "optimized.pdf")
	check(api.AddPropertiesFile("drawn.pdf", "property.pdf", map[string]string{"Seed": "42"}, c()))
	tell("property", "property.pdf")
	check(api.TrimFile("drawn.pdf", "trimmed.pdf", []string{"1"}, c()))
	tell("trimmed", "trimmed.pdf")
}
GO
cat >want <<'END'
drawn: created 2020-03-01, title "Shares", attachments 1
optimized: created today, title "Shares", attachments 1
property: created today, title "Shares", attachments 1
trimmed: created today, title "", attachments 0
END
export GOFLAGS=-mod=mod
go get codeberg.org/go-pdf/fpdf@v0.11.1 github.com/pdfcpu/pdfcpu@v0.15.0 >/dev/null 2>&1
go run . | tee got
diff want got
