package receipt

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"exodus/app/internal/canvas"
	"exodus/scenarios"
	"exodus/sim/study"
)

// files are small figures of every format with a receipt, and the receipt.
func files(t testing.TB) (map[string][]byte, *Receipt) {
	t.Helper()
	receipt := &Receipt{
		Version: "v", Scenario: "mine", Title: "T", Variant: "w", Changes: []string{"a.b=1"}, Weeks: 3, Runs: 2, Of: 2, Digest: "abc",
		Plan: &study.Plan{Model: "m", Variants: []string{"x"}, Points: [][]float64{{}}, Runs: 2, Seed: 9, Chunk: 1}, Source: "title = \"T\"\n",
	}
	receipt.Figure = "share"
	out := map[string][]byte{}
	for _, file := range canvas.Formats {
		r := *receipt
		r.File = file
		d := canvas.Drawing{Width: 100, Height: 50, DPI: 36, Title: "T", Note: canvas.Note{Key: Key, Text: r.Encode()}, Paint: func(c vg.CanvasSizer) {
			c.FillString(canvas.Text.Fonts.Lookup(canvas.Sans, 10), vg.Point{X: 10, Y: 10}, "drawn")
		}}
		var err error
		if out[file], err = d.Write(file); err != nil {
			t.Fatal(err)
		}
	}
	return out, receipt
}

// pngWith is a PNG that has a chunk.
func pngWith(data string) []byte {
	out := []byte("\x89PNG\r\n\x1a\n")
	out = binary.BigEndian.AppendUint32(out, uint32(len(data)-4))
	out = append(out, data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE([]byte(data)))
}

func squeezed(text []byte) string {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	z.Write(text)
	z.Close()
	return out.String()
}

// A receipt is found where another program has packed it, or moved it.
func TestReceiptIsFound(t *testing.T) {
	all, want := files(t)
	for format, content := range all {
		got, err := Extract(content)
		if err != nil || got.Plan.Seed != want.Plan.Seed || got.Source != want.Source || got.File != format || got.Figure != "share" {
			t.Errorf("%s: %v, %+v", format, err, got)
		}
	}
	packed := pngWith("iTXt" + Key + "\x00\x01\x00en\x00name\x00" + squeezed([]byte(`{"exodus_figure":1,"scenario":"s"}`)))
	if got, err := Extract(packed); err != nil || got.Scenario != "s" {
		t.Errorf("packed: %v", err)
	}
}

// Files of testdata are a figure as other programs have rewritten it: .ci/receipts makes them.
func TestReceiptIsFoundInRewrittenFiles(t *testing.T) {
	paths, err := filepath.Glob("testdata/rewritten/*")
	if err != nil || len(paths) < 7 {
		t.Fatalf("%d files (%v)", len(paths), err)
	}
	source, err := scenarios.Read("template")
	if err != nil {
		t.Fatal(err)
	}
	whole := len(source)
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Extract(content)
		if err != nil || r.Scenario != "template" || r.Figure != "share" || !strings.Contains(r.Source, "\n[vendors.") || len(r.Source) < whole/2 {
			t.Errorf("%s: %v, %+v", path, err, r)
		}
	}
}

// Whatever streams a PDF has, it takes no more memory than a receipt may.
func TestHostilePDF(t *testing.T) {
	bomb := squeezed(make([]byte, 2*mostPacked))
	content := fmt.Sprintf("%%PDF-1.5\n1 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj\ntrailer<</Info 2 0 R>>\n", len(bomb), bomb)
	if _, err := Extract([]byte(content)); err == nil || !strings.Contains(err.Error(), "unpacks to over") {
		t.Errorf("the error is %v", err)
	}
}

// Hostile receipts are refused, each with its reason.
func TestHostileReceipts(t *testing.T) {
	all, _ := files(t)
	svg := func(inner string) []byte {
		return []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">` + inner + `</svg>`)
	}
	metadata := func(text string) []byte { return svg(`<metadata id="` + Key + `">` + text + `</metadata>`) }
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"empty":            {nil, "not an exodus figure"},
		"text":             {[]byte("hello"), "not an exodus figure"},
		"a page":           {[]byte("<!DOCTYPE html>\n<html><head><link></head></html>"), "not an exodus figure"},
		"no receipt":       {svg(""), "no receipt found"},
		"other metadata":   {svg("<metadata>x</metadata>"), "no receipt found"},
		"not JSON":         {metadata("x"), "cannot be read"},
		"another format":   {metadata(`{"exodus_figure":99}`), "a receipt of format 99; this version reads format 1"},
		"no format":        {metadata(`{}`), "no receipt found"},
		"wrong types":      {metadata(`{"exodus_figure":1,"weeks":"many"}`), "cannot be read"},
		"nested":           {metadata(`{"exodus_figure":1,"x":` + strings.Repeat("[", 100_000)), "nests values deeper"},
		"nested elements":  {svg(strings.Repeat("<g>", 1000)), "nests elements deeper"},
		"markup":           {metadata("<script/>"), "not text alone"},
		"entities":         {append([]byte(`<!DOCTYPE svg [<!ENTITY a "aaaa">]>`), metadata("&a;")...), "cannot be read"},
		"cut XML":          {[]byte("<svg><metadata id='" + Key + "'>{"), "cannot be read"},
		"no such study":    {metadata(`{"exodus_figure":1,"plan":{"runs":-1}}`), "a study that is not possible"},
		"huge":             {metadata(strings.Repeat(" ", mostReceipt+1)), "has over"},
		"bomb":             {pngWith("iTXt" + Key + "\x00\x01\x00\x00\x00" + squeezed(make([]byte, 4*mostReceipt))), "has over"},
		"wrong packing":    {pngWith("iTXt" + Key + "\x00\x01\x00\x00\x00xxxx"), "cannot be read"},
		"unknown packing":  {pngWith("iTXt" + Key + "\x00\x07\x00\x00\x00xxxx"), "not known"},
		"cut chunk":        {all["png"][:200], "cut short"},
		"chunk without":    {pngWith("iTXt" + Key + "\x00\x00"), "cut short"},
		"long chunk":       {[]byte("\x89PNG\r\n\x1a\n\xff\xff\xff\xffiTXtxxxxxxxx"), "cut short"},
		"PDF without":      {[]byte("%PDF-1.3\n"), "cannot be read"},
		"cut PDF":          {all["pdf"][:len(all["pdf"])/2], "cannot be read"},
		"too large a file": {make([]byte, mostFile+1), "a figure has at most"},
	} {
		if r, err := Extract(c.content); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %+v; want %q", name, err, r, c.want)
		}
	}
}

// Whatever is in a file, a receipt is read or refused, and one that was read is written as it was.
func FuzzExtract(f *testing.F) {
	text := (&Receipt{Format: format, Scenario: "s", Changes: []string{"a=1"}, Source: "\u00fc"}).Encode()
	f.Add([]byte("<svg><g/><metadata id='" + Key + "'>" + text + "</metadata></svg>"))
	f.Add(pngWith("iTXt" + Key + "\x00\x00\x00\x00\x00" + text))
	f.Add([]byte("%PDF-1.3\n1 0 obj\n<</Keywords (" + strings.ReplaceAll(text, "\\", "\\\\") + ")>>\nendobj\n2 0 obj\n<</Type/Catalog>>\nendobj\ntrailer\n<</Info 1 0 R/Root 2 0 R/Size 3>>\nstartxref\n0\n%%EOF\n"))
	f.Add([]byte("%" + Key + " " + text + "\n"))
	f.Add(pngWith("iTXt" + Key + "\x00\x01\x00\x00\x00" + squeezed([]byte(`{"exodus_figure":1}`))))
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := Extract(content)
		if err != nil {
			return
		}
		again, err := decode([]byte(r.Encode()))
		if err != nil || again.Encode() != r.Encode() {
			t.Errorf("a receipt that was read reads otherwise once it is written: %v", err)
		}
	})
}
