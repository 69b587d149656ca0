package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/parquet-go/parquet-go"
)

// Chunk is the files that a chunk of a study leaves behind.
type Chunk struct {
	Part      []byte
	Relations []byte // none where the study does not record them
}

// Pack makes one of the files, to be sent: the length of the part, the part, the relations.
func (c Chunk) Pack() []byte {
	out := binary.AppendUvarint(nil, uint64(len(c.Part)))
	return append(append(out, c.Part...), c.Relations...)
}

// Digest is the checksum of the files.
func (c Chunk) Digest() string { return hexSum(c.Pack()) }

// Unpack undoes [Chunk.Pack].
func Unpack(packed []byte) (c Chunk, err error) {
	size, n := binary.Uvarint(packed)
	if n <= 0 || size > uint64(len(packed)-n) {
		return c, errors.New("the files of a chunk are cut short")
	}
	packed = packed[n:]
	return Chunk{Part: packed[:size], Relations: packed[size:]}, nil
}

// Fits says what is wrong with files from elsewhere as those of a chunk, if anything is: it does not take their word.
func (s *Study) Fits(chunk int, c Chunk) error {
	if chunk < 0 || chunk >= s.Head.Plan.Chunks() {
		return fmt.Errorf("the plan has no chunk %d", chunk)
	}
	if s.Head.Full != (len(c.Relations) > 0) {
		return fmt.Errorf("%s: relations are there without being asked for, or the reverse", PartName(chunk))
	}
	files := map[string][]byte{PartName(chunk): c.Part}
	if s.Head.Full {
		files[relationsName(chunk)] = c.Relations
	}
	for name, content := range files {
		err := whole(func() error {
			f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
			if err != nil {
				return err
			}
			return s.Head.checkFile(chunk, f, name == relationsName(chunk))
		})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// Holds says whether the study has these files of a chunk, and whether it has others.
func (s *Study) Holds(chunk int, c Chunk) (same, other bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum, there := s.sums[PartName(chunk)]
	same = there && sum == hexSum(c.Part) && (!s.Head.Full || s.sums[relationsName(chunk)] == hexSum(c.Relations))
	return same, there && !same
}

// Forget deletes the files of chunks, which are missing then.
func (s *Study) Forget(chunks []int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, chunk := range chunks {
		for _, name := range []string{PartName(chunk), relationsName(chunk)} {
			delete(s.sums, name)
			if err := os.Remove(filepath.Join(s.parts(), name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%s: cannot be deleted: %w", name, reason(err))
			}
		}
	}
	return nil
}

// Merge adds the chunks that other directories hold of the same study, and returns those that none holds. It
// refuses directories of another study, or in which a chunk has another result.
func (s *Study) Merge(dirs []string) (missing []int, err error) {
	if _, err := s.Missing(); err != nil { // which forgets what is damaged
		return nil, err
	}
	for _, dir := range dirs {
		head, err := ReadStudy(dir)
		if err != nil {
			return nil, fmt.Errorf("%s: not a study that can be read: %w", dir, reason(err))
		}
		if !sameStudy(head, &s.Head) || head.Hash != s.Head.Hash {
			return nil, fmt.Errorf("%s: %w (plan %s of version %s on %s), not plan %s of version %s on %s", dir, ErrOther,
				head.Hash[:12], head.Version, head.Platform, s.Head.Hash[:12], s.Head.Version, s.Head.Platform)
		}
		from := &Study{Dir: filepath.Clean(dir), Head: *head, sums: map[string]string{}}
		if err := from.readSums(); err != nil {
			return nil, err
		}
		for chunk := range head.Plan.Chunks() {
			if from.sums[PartName(chunk)] == "" {
				continue
			}
			var c Chunk
			var whole bool
			if c.Part, whole = from.intact(PartName(chunk)); whole && head.Full {
				c.Relations, whole = from.intact(relationsName(chunk))
			}
			err := s.Fits(chunk, c)
			if whole && errors.Is(err, ErrOther) {
				return nil, fmt.Errorf("%s: %w", dir, err)
			}
			if !whole || err != nil {
				continue // damaged, or of fewer runs: it is missing, unless another directory holds it
			}
			same, other := s.Holds(chunk, c)
			if other {
				return nil, fmt.Errorf("%s: %s differs from the one in an earlier directory; run both slices again", dir, PartName(chunk))
			}
			if same {
				continue
			}
			if err := s.Add(chunk, c); err != nil {
				return nil, err
			}
		}
	}
	return s.Missing()
}
