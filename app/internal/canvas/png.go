package canvas

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image/png"
	"math"
)

func (d Drawing) png() ([]byte, error) {
	scale := float64(d.DPI) / 72
	c := NewRaster(int(math.Ceil(float64(d.Width)*scale)), int(math.Ceil(float64(d.Height)*scale)), scale, d.Paper).forPaper()
	d.paint(c)
	var drawn bytes.Buffer
	if err := png.Encode(&drawn, c.img); err != nil {
		return nil, err
	}
	const header = 8 + 25 // the signature and the first chunk, after which others may stand
	content := drawn.Bytes()
	out := append([]byte(nil), content[:header]...)
	out = append(out, pngResolution(d.DPI)...)
	out = append(out, pngChunk("Title", d.Title)...)
	if d.Note.Text != "" {
		out = append(out, pngChunk(d.Note.Key, d.Note.Text)...)
		out = append(out, packedChunk(d.Note.Key, d.Note.Text)...)
	}
	return append(out, content[header:]...), nil
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

// packed is a text as zlib compresses it.
func packed(text string) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	z.Write([]byte(text)) // into memory, where no write fails
	z.Close()
	return out.Bytes()
}

// pngResolution makes the chunk that says how many dots a metre has.
func pngResolution(dpi int) []byte {
	metre := uint32(float64(dpi)/0.0254 + 0.5)
	data := append([]byte("pHYs"), 0, 0, 0, 0, 0, 0, 0, 0, 1)
	binary.BigEndian.PutUint32(data[4:], metre)
	binary.BigEndian.PutUint32(data[8:], metre)
	return chunk(string(data))
}
