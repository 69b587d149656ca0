package receipt

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
)

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
	case bytes.HasPrefix(content, []byte("%"+Key)):
		line, _, _ := bytes.Cut(content[1+len(Key):], []byte("\n"))
		text = line
	case bytes.HasPrefix(bytes.TrimSpace(content), []byte("<")):
		text, err = svgMetadata(content)
	default:
		return nil, errNoFigure
	}
	if err != nil {
		return nil, err
	}
	return decode(text)
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
				if packed := attribute(t, "data-"+Key); packed != "" {
					data, err := base64.StdEncoding.DecodeString(packed)
					if err != nil {
						return nil, fmt.Errorf("the receipt cannot be read: %w", err)
					}
					return unpacked(data)
				}
			}
			if t.Name.Local != "metadata" || attribute(t, "id") != Key {
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
		if !ok || string(key) != Key {
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
