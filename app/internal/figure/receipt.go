package figure

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"exodus/app/internal/store"
	"exodus/sim"
	"exodus/sim/study"
)

// Receipt is where a figure came from: all that is needed to draw it again. It is inside every file, as JSON: in the
// metadata element of an SVG, a text chunk of a PNG, the keywords of a PDF, a comment of a TeX.
type Receipt struct {
	Format   int      `json:"exodus_figure"` // of this receipt
	Version  string   `json:"version"`       // of the program that drew it
	Scenario string   `json:"scenario"`
	Title    string   `json:"title"`
	Variant  string   `json:"variant,omitempty"`
	Changes  []string `json:"changes,omitempty"` // path=value each, in their order
	Weeks    int      `json:"weeks"`

	Luck    sim.Luck    `json:"luck"`              // of one run
	Plan    *study.Plan `json:"plan,omitempty"`    // of a study
	Against string      `json:"against,omitempty"` // the variant that a study compares with
	Runs    int         `json:"runs"`              // that are done
	Of      int         `json:"of"`                // that were planned
	Digest  string      `json:"digest"`            // of the results

	Full bool `json:"full,omitempty"` // whether the study keeps every lab

	Question *store.Question `json:"question,omitempty"` // that exodus sensitivity answered, in place of a run or a study

	By      string  `json:"by,omitempty"` // how it was made, where nothing draws it again
	Figure  string  `json:"figure"`       // its kind
	Options Options `json:"options"`
	Paper   Paper   `json:"paper"`
	File    string  `json:"file"` // the format of the file

	Source string `json:"source"` // the scenario file, whole
}

// receiptFormat changes when a receipt of old cannot be read as before.
const receiptFormat = 1

// Limits of what is read as a receipt. A scenario file is at most 4 MB.
const (
	mostFile    = 64 << 20 // of a figure's file
	mostReceipt = 16 << 20
	mostDepth   = 16 // of nested values
)

const receiptKey = "exodus-receipt"

// encode writes the receipt in ASCII, which every format takes as it is.
func (r *Receipt) encode() string {
	plain, err := json.Marshal(r)
	if err != nil {
		panic(err) // a struct of plain values
	}
	var out strings.Builder
	for _, c := range string(plain) {
		switch {
		case c < 0x7f:
			out.WriteRune(c)
		case c > 0xffff:
			a, b := utf16.EncodeRune(c)
			fmt.Fprintf(&out, `\u%04x\u%04x`, a, b)
		default:
			fmt.Fprintf(&out, `\u%04x`, c)
		}
	}
	return out.String()
}

var errNoFigure = errors.New("not an exodus figure: neither SVG, PDF, PNG nor TeX with a receipt")

// ErrNoReceipt is the error of a file that has no receipt in it.
var ErrNoReceipt = errors.New("not an exodus figure: no receipt found")

// Extract reads the receipt in a figure's file. What it says was written by whoever made the file: it is checked to be
// a receipt of moderate size, and not to be true.
func Extract(content []byte) (*Receipt, error) {
	if len(content) > mostFile {
		return nil, fmt.Errorf("%d bytes; a figure has at most %d", len(content), mostFile)
	}
	var text []byte
	var err error
	switch {
	case bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n")):
		text, err = pngText(content)
	case bytes.HasPrefix(content, []byte("%PDF-")):
		text, err = pdfKeywords(content)
	case bytes.HasPrefix(content, []byte("%"+receiptKey)):
		line, _, _ := bytes.Cut(content[1+len(receiptKey):], []byte("\n"))
		text = line
	case bytes.HasPrefix(bytes.TrimSpace(content), []byte("<")):
		text, err = svgMetadata(content)
	default:
		return nil, errNoFigure
	}
	if err != nil {
		return nil, err
	}
	return decodeReceipt(text)
}

func decodeReceipt(text []byte) (*Receipt, error) {
	if len(text) > mostReceipt {
		return nil, errTooLarge
	}
	if err := checkDepth(text); err != nil {
		return nil, err
	}
	var r Receipt
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("the receipt cannot be read: %w", err)
	}
	switch {
	case r.Format == 0:
		return nil, ErrNoReceipt
	case r.Format != receiptFormat:
		return nil, fmt.Errorf("a receipt of format %d; this version reads format %d", r.Format, receiptFormat)
	}
	if r.Plan != nil {
		if err := r.Plan.Validate(); err != nil {
			return nil, fmt.Errorf("the receipt describes a study that is not possible: %w", err)
		}
	}
	return &r, nil
}

var errTooLarge = fmt.Errorf("the receipt has over %d bytes", mostReceipt)

// checkDepth refuses values nested deeper than those of a receipt, which a reader would follow down.
func checkDepth(text []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > mostDepth {
				return fmt.Errorf("the receipt nests values deeper than %d", mostDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// svgMetadata finds the receipt in an attribute of the drawing, which programs keep that tidy it up, or in the metadata
// element.
func svgMetadata(content []byte) ([]byte, error) {
	d := xml.NewDecoder(bytes.NewReader(content))
	for depth := 0; ; {
		token, err := d.Token()
		if err == io.EOF {
			return nil, ErrNoReceipt
		}
		if err != nil {
			return nil, fmt.Errorf("the SVG cannot be read: %w", err)
		}
		switch t := token.(type) {
		case xml.EndElement:
			depth--
		case xml.StartElement:
			switch depth++; {
			case depth == 1 && t.Name.Local != "svg":
				return nil, errNoFigure
			case depth > 100:
				return nil, errors.New("the SVG nests elements deeper than 100")
			}
			if depth == 1 {
				if packed := attribute(t, "data-"+receiptKey); packed != "" {
					data, err := base64.StdEncoding.DecodeString(packed)
					if err != nil {
						return nil, fmt.Errorf("the receipt cannot be read: %w", err)
					}
					return unpacked(data)
				}
			}
			if t.Name.Local != "metadata" || attribute(t, "id") != receiptKey {
				continue
			}
			var text []byte
			for {
				token, err := d.Token()
				if err != nil {
					return nil, fmt.Errorf("the SVG cannot be read: %w", err)
				}
				switch t := token.(type) {
				case xml.CharData:
					if text = append(text, t...); len(text) > mostReceipt {
						return nil, errTooLarge
					}
				case xml.EndElement:
					return text, nil
				case xml.StartElement:
					return nil, errors.New("the receipt in the SVG is not text alone")
				}
			}
		}
	}
}

// attribute is one of an element, or "".
func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// pngChunk makes a chunk of international text.
func pngChunk(key, text string) []byte {
	return chunk("iTXt" + key + "\x00\x00\x00\x00\x00" + text) // neither compressed, nor of a language
}

// packedChunk makes a chunk of compressed text, which programs keep that drop international text.
func packedChunk(key, text string) []byte {
	return chunk("zTXt" + key + "\x00\x00" + string(packed(text)))
}

// chunk is a chunk of a PNG: its kind and what it holds.
func chunk(data string) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)-4))
	out = append(out, data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE([]byte(data)))
}

// pngText finds the text of the receipt's chunk.
func pngText(content []byte) ([]byte, error) {
	for at := 8; ; {
		if len(content)-at < 12 {
			return nil, ErrNoReceipt
		}
		size := int64(binary.BigEndian.Uint32(content[at:]))
		if size > int64(len(content)-at-12) {
			return nil, errors.New("the PNG is cut short")
		}
		kind, data := string(content[at+4:at+8]), content[at+8:at+8+int(size)]
		at += 12 + int(size)
		key, rest, ok := bytes.Cut(data, []byte{0})
		if !ok || string(key) != receiptKey {
			continue
		}
		switch kind {
		case "iTXt":
			return chunkText(rest)
		case "zTXt": // with a byte that says how it is compressed
			return chunkText(slices.Concat([]byte{1}, rest[:min(1, len(rest))], []byte{0, 0}, rest[min(1, len(rest)):]))
		case "tEXt":
			return rest, nil
		}
	}
}

// chunkText is the text of a chunk after its key: two bytes on compression, a language, the key in that language.
func chunkText(data []byte) ([]byte, error) {
	if len(data) < 2 {
		return nil, errors.New("the receipt in the PNG is cut short")
	}
	compressed, method := data[0], data[1]
	_, rest, ok := bytes.Cut(data[2:], []byte{0})
	_, text, also := bytes.Cut(rest, []byte{0})
	switch {
	case !ok || !also:
		return nil, errors.New("the receipt in the PNG is cut short")
	case compressed == 0:
		return text, nil
	case compressed != 1 || method != 0:
		return nil, errors.New("the receipt in the PNG is compressed in a way that is not known")
	}
	return unpacked(text)
}

// packed is a text as zlib compresses it.
func packed(text string) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	z.Write([]byte(text)) // into memory, where no write fails
	z.Close()
	return out.Bytes()
}

func unpacked(data []byte) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("the receipt cannot be read: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(z, mostReceipt+1))
	if err != nil {
		return nil, fmt.Errorf("the receipt cannot be read: %w", err)
	}
	if len(text) > mostReceipt {
		return nil, errTooLarge
	}
	return text, nil
}

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

// pngResolution makes the chunk that says how many dots a metre has.
func pngResolution(dpi int) []byte {
	metre := uint32(float64(dpi)/0.0254 + 0.5)
	data := append([]byte("pHYs"), 0, 0, 0, 0, 0, 0, 0, 0, 1)
	binary.BigEndian.PutUint32(data[4:], metre)
	binary.BigEndian.PutUint32(data[8:], metre)
	return chunk(string(data))
}
