package receipt

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"fmt"
	"io"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// mostPacked is how much the streams of a PDF may unpack to, all together.
const mostPacked = 16 * mostReceipt

// pdfKeywords finds the keywords in the document information, however the file was rewritten, compressed or encrypted
// with an empty password.
func pdfKeywords(content []byte) ([]byte, error) {
	if !unpacksTo(content, mostPacked) {
		return nil, fmt.Errorf("the PDF unpacks to over %d bytes", mostPacked)
	}
	unread := func(err error) error { return fmt.Errorf("the PDF cannot be read: %w", err) }
	conf := model.NewDefaultConfiguration()
	conf.Limits.MaxDecodeBytes, conf.Limits.MaxStreamBytes = 2*mostReceipt, mostFile
	doc, err := api.ReadContext(bytes.NewReader(content), conf)
	if err != nil {
		return nil, unread(err)
	}
	if doc.Info == nil {
		return nil, ErrNoReceipt
	}
	info, err := doc.DereferenceDict(*doc.Info)
	if err != nil {
		return nil, unread(err)
	}
	keywords, found := info.Find("Keywords")
	if !found {
		return nil, ErrNoReceipt
	}
	if keywords, err = doc.Dereference(keywords); err != nil {
		return nil, unread(err)
	}
	switch text := keywords.(type) {
	case types.HexLiteral:
		return text.Bytes()
	case types.StringLiteral:
		// The library leaves a string as it stands in the file, with its escapes; but one that it decrypted has none.
		if plain, err := types.Unescape(text.Value()); err == nil && json.Valid(plain) {
			return plain, nil
		}
		return []byte(text.Value()), nil
	}
	return nil, ErrNoReceipt
}

func init() { api.DisableConfigDir() } // the library would make one at home

// unpacksTo says whether the compressed streams of a PDF unpack to at most so many bytes.
func unpacksTo(content []byte, most int64) bool {
	mark := []byte("stream")
	for {
		i := bytes.Index(content, mark)
		if i < 0 {
			return true
		}
		content = content[i+len(mark):]
		z, err := zlib.NewReader(bytes.NewReader(bytes.TrimPrefix(bytes.TrimPrefix(content, []byte("\r")), []byte("\n"))))
		if err != nil { // it is not compressed, or not this way
			continue
		}
		n, _ := io.Copy(io.Discard, io.LimitReader(z, most+1))
		if most -= n; most < 0 {
			return false
		}
	}
}
