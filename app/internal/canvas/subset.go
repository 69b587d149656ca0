package canvas

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
)

// subset is a TrueType font that has the glyphs of some characters alone, and of the tables those that a browser asks
// for. It keeps a figure small that brings its font along.
func subset(f *opentype.Font, source []byte, runes map[rune]bool) ([]byte, error) {
	tables := map[string][]byte{}
	if len(source) < 12 {
		return nil, fmt.Errorf("a font of %d bytes", len(source))
	}
	for i := range int(binary.BigEndian.Uint16(source[4:])) {
		entry := source[12+16*i:]
		at, size := binary.BigEndian.Uint32(entry[8:]), binary.BigEndian.Uint32(entry[12:])
		tables[string(entry[:4])] = source[at : at+size]
	}
	for _, name := range []string{"head", "hhea", "maxp", "hmtx", "loca", "glyf", "OS/2", "name"} {
		if tables[name] == nil {
			return nil, fmt.Errorf("the font has no table %s", name)
		}
	}
	long := binary.BigEndian.Uint16(tables["head"][50:]) == 1
	glyph := func(i int) []byte {
		if long {
			return tables["glyf"][binary.BigEndian.Uint32(tables["loca"][4*i:]):binary.BigEndian.Uint32(tables["loca"][4*i+4:])]
		}
		return tables["glyf"][2*int(binary.BigEndian.Uint16(tables["loca"][2*i:])) : 2*int(binary.BigEndian.Uint16(tables["loca"][2*i+2:]))]
	}

	// The glyphs in their new order: what is missing, those of the characters, and the parts that they are made of.
	var buf sfnt.Buffer
	order, number := []int{0}, map[int]int{0: 0}
	add := func(old int) int {
		if _, there := number[old]; !there {
			number[old] = len(order)
			order = append(order, old)
		}
		return number[old]
	}
	chars := slices.Sorted(maps.Keys(runes))
	codes := map[rune]int{}
	for _, c := range chars {
		if index, err := f.GlyphIndex(&buf, c); err == nil && index != 0 && c < 0xffff {
			codes[c] = add(int(index))
		}
	}
	var glyf, loca, hmtx bytes.Buffer
	metrics := int(binary.BigEndian.Uint16(tables["hhea"][34:]))
	for k := 0; k < len(order); k++ { // which grows with the parts
		binary.Write(&loca, binary.BigEndian, uint32(glyf.Len()))
		outline := bare(glyph(order[k]), add)
		glyf.Write(outline)
		for glyf.Len()%4 != 0 {
			glyf.WriteByte(0)
		}
		advance := tables["hmtx"][4*min(order[k], metrics-1):][:2]
		bearing := tables["hmtx"][4*min(order[k], metrics-1)+2:][:2]
		if order[k] >= metrics {
			bearing = tables["hmtx"][4*metrics+2*(order[k]-metrics):][:2]
		}
		hmtx.Write(advance)
		hmtx.Write(bearing)
	}
	binary.Write(&loca, binary.BigEndian, uint32(glyf.Len()))

	out := map[string][]byte{"glyf": glyf.Bytes(), "loca": loca.Bytes(), "hmtx": hmtx.Bytes(), "OS/2": tables["OS/2"], "cmap": cmapOf(codes)}
	head := slices.Clone(tables["head"])
	binary.BigEndian.PutUint32(head[8:], 0)
	binary.BigEndian.PutUint16(head[50:], 1)
	hhea := slices.Clone(tables["hhea"])
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(order)))
	maxp := slices.Clone(tables["maxp"])
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(order)))
	out["head"], out["hhea"], out["maxp"] = head, hhea, maxp
	out["post"] = append([]byte{0, 3, 0, 0}, make([]byte, 28)...)
	out["name"] = []byte{0, 0, 0, 0, 0, 6}
	return assemble(out), nil
}

// bare is an outline without its hints, whose parts, if it has any, are numbered anew.
func bare(glyph []byte, add func(old int) int) []byte {
	if len(glyph) < 10 {
		return nil
	}
	contours := int(int16(binary.BigEndian.Uint16(glyph)))
	if contours >= 0 {
		at := 10 + 2*contours
		hints := int(binary.BigEndian.Uint16(glyph[at:]))
		out := append(slices.Clone(glyph[:at]), 0, 0)
		return append(out, glyph[at+2+hints:]...)
	}
	const words, scale, more, twoScales, matrix, hinted = 1, 8, 32, 64, 128, 256
	out := slices.Clone(glyph)
	for at := 10; ; {
		flags := binary.BigEndian.Uint16(out[at:])
		binary.BigEndian.PutUint16(out[at:], flags&^hinted)
		binary.BigEndian.PutUint16(out[at+2:], uint16(add(int(binary.BigEndian.Uint16(out[at+2:])))))
		at += 6
		if flags&words != 0 {
			at += 2
		}
		switch {
		case flags&scale != 0:
			at += 2
		case flags&twoScales != 0:
			at += 4
		case flags&matrix != 0:
			at += 8
		}
		if flags&more == 0 {
			return out[:at]
		}
	}
}

// cmapOf maps characters to glyphs, each as a segment of its own (format 4).
func cmapOf(codes map[rune]int) []byte {
	chars := slices.Sorted(maps.Keys(codes))
	n := len(chars) + 1
	power, log := 1, 0
	for 2*power <= n {
		power, log = 2*power, log+1
	}
	var ends, starts, deltas, offsets []uint16
	for _, c := range chars {
		ends, starts = append(ends, uint16(c)), append(starts, uint16(c))
		deltas, offsets = append(deltas, uint16(codes[c])-uint16(c)), append(offsets, 0)
	}
	ends, starts, deltas, offsets = append(ends, 0xffff), append(starts, 0xffff), append(deltas, 1), append(offsets, 0)
	var out bytes.Buffer
	put := func(x ...uint16) { binary.Write(&out, binary.BigEndian, x) }
	put(0, 1, 3, 1, 0, 12) // one table, for Windows and Unicode, that begins at 12
	put(4, uint16(16+8*n), 0, uint16(2*n), uint16(2*power), uint16(log), uint16(2*(n-power)))
	put(ends...)
	put(0)
	put(starts...)
	put(deltas...)
	put(offsets...)
	return out.Bytes()
}

// assemble puts tables into a file, with their checksums.
func assemble(tables map[string][]byte) []byte {
	names := slices.Sorted(maps.Keys(tables))
	n := len(names)
	power, log := 1, 0
	for 2*power <= n {
		power, log = 2*power, log+1
	}
	var head, body bytes.Buffer
	binary.Write(&head, binary.BigEndian, []uint32{0x00010000})
	binary.Write(&head, binary.BigEndian, []uint16{uint16(n), uint16(16 * power), uint16(log), uint16(16 * (n - power))})
	adjust := 0
	for _, name := range names {
		if name == "head" {
			adjust = 12 + 16*n + body.Len() + 8
		}
		head.WriteString(name)
		binary.Write(&head, binary.BigEndian, []uint32{checksum(tables[name]), uint32(12 + 16*n + body.Len()), uint32(len(tables[name]))})
		body.Write(tables[name])
		for body.Len()%4 != 0 {
			body.WriteByte(0)
		}
	}
	out := append(head.Bytes(), body.Bytes()...)
	binary.BigEndian.PutUint32(out[adjust:], 0xb1b0afba-checksum(out))
	return out
}

func checksum(data []byte) (sum uint32) {
	for len(data) >= 4 {
		sum += binary.BigEndian.Uint32(data)
		data = data[4:]
	}
	var last [4]byte
	copy(last[:], data)
	return sum + binary.BigEndian.Uint32(last[:])
}
