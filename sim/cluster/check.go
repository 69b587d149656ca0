package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A chunk has the same result, to the byte, wherever it is computed. So workers can be checked, by computing chunks again here: a
// sample that they cannot know, and each chunk of which two different results arrive. Once a result proves wrong, workers
// are no longer believed: what they sent and was not checked is forgotten, and computed here with all that is missing.

// claim is the result of a chunk, as somebody states it.
type claim struct {
	worker string // by the name that it gave itself
	sum    string // of the content; none if that is not known
}

const mostClaims = 8 // that are kept of a chunk

// sampled are the chunks that are checked: 1%, two at least. The key, which the collector keeps to itself, decides which.
func sampled(key string, chunks []int) map[int]bool {
	rank := make(map[int]string, len(chunks))
	for _, c := range chunks {
		rank[c] = sumOf(fmt.Appendf(nil, "%s %d", key, c))
	}
	order := slices.SortedFunc(maps.Keys(rank), func(a, b int) int { return cmp.Compare(rank[a], rank[b]) })
	sample := map[int]bool{}
	for _, c := range order[:min(len(order), max(2, (len(order)+99)/100))] {
		sample[c] = true
	}
	return sample
}

// judge takes the result of a chunk, which is claimed, or compares it with what is known about the chunk.
func (k *collector) judge(chunk int, content []byte, from claim) error {
	k.mu.Lock()
	sum, isKnown := k.known[chunk]
	isMissing := k.missing[chunk]
	isAside := k.doubted[chunk] && isMissing
	switch {
	case isKnown && sum == from.sum:
		k.said.Double++
	case isKnown:
		k.alarm(fmt.Sprintf("chunk %d: the result of %s is wrong, as computing it here shows", chunk, from.worker))
	case isAside: // it is computed here, which decides
		k.note(chunk, from)
	}
	k.mu.Unlock()
	if isKnown || isAside {
		return nil
	}
	err := k.Take(chunk, content)
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case errors.Is(err, ErrOther):
		if len(k.claims[chunk]) == 0 {
			k.note(chunk, claim{worker: "an earlier session"})
		}
		k.note(chunk, from)
		k.doubt(chunk)
		return k.forget(chunk) // so that a kill leaves neither of the two behind
	case err != nil:
		return err
	}
	k.note(chunk, from)
	if !isMissing {
		k.said.Double++
	}
	if k.alone { // since a moment ago
		k.missing[chunk] = false
		return k.forget(chunk)
	}
	delete(k.missing, chunk)
	if k.sample[chunk] {
		k.doubt(chunk)
	}
	return nil
}

// note keeps a claim, with k.mu held, unless the same was made before.
func (k *collector) note(chunk int, from claim) {
	if claims := k.claims[chunk]; len(claims) < mostClaims && !slices.ContainsFunc(claims, func(c claim) bool { return c.sum == from.sum }) {
		k.claims[chunk] = append(claims, from)
	}
}

// doubt has chunks computed here, with k.mu held.
func (k *collector) doubt(chunks ...int) {
	for _, chunk := range chunks {
		if _, isKnown := k.known[chunk]; !isKnown && !k.doubted[chunk] {
			k.doubted[chunk] = true
			k.toCheck = append(k.toCheck, chunk)
		}
	}
}

// forget undoes that chunks were taken, with k.mu held.
func (k *collector) forget(chunks ...int) error {
	chunks = slices.DeleteFunc(chunks, func(c int) bool { return k.missing[c] })
	for _, chunk := range chunks {
		k.missing[chunk] = true
	}
	if len(chunks) == 0 {
		return nil
	}
	return k.Forget(chunks)
}

// alarm says what is wrong, and ends the belief in workers, with k.mu held.
func (k *collector) alarm(what string) {
	k.said.Wrong++
	k.said.Alarm = plain(short(what))
	if k.alone {
		return
	}
	k.alone = true
	var unchecked []int
	for chunk := range k.claims {
		if _, isKnown := k.known[chunk]; !isKnown {
			unchecked = append(unchecked, chunk)
		}
	}
	slices.Sort(unchecked)
	if err := k.forget(unchecked...); err != nil && k.failed == nil {
		k.failed = err
	}
	k.doubt(slices.Sorted(maps.Keys(k.missing))...)
}

// check computes one chunk after another that is in doubt, and judges what is said of it.
func (k *collector) check(ctx context.Context) error {
	for ctx.Err() == nil {
		chunk, err := k.inDoubt()
		if err != nil {
			return err
		}
		if chunk < 0 {
			pause(ctx, 50*time.Millisecond)
			continue
		}
		content, err := k.Compute(ctx, chunk)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("compute chunk %d here, to check what workers sent: %w", chunk, err)
		}
		for !k.claim(chunk) {
			if pause(ctx, 20*time.Millisecond); ctx.Err() != nil {
				return nil
			}
		}
		err = k.settle(ctx, chunk, content)
		k.release(chunk)
		if err != nil {
			return err
		}
	}
	return nil
}

// inDoubt is a chunk that is to be computed here, or -1.
func (k *collector) inDoubt() (chunk int, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.toCheck) == 0 {
		return -1, k.failed
	}
	chunk, k.toCheck = k.toCheck[0], k.toCheck[1:]
	return chunk, k.failed
}

// settle writes the result that a chunk, which is claimed, has here.
func (k *collector) settle(ctx context.Context, chunk int, content []byte) error {
	if err := k.sentence(chunk, sumOf(content)); err != nil {
		return err
	}
	for ctx.Err() == nil {
		err := k.Take(chunk, content)
		if err == nil {
			k.mu.Lock()
			defer k.mu.Unlock()
			delete(k.missing, chunk)
			delete(k.doubted, chunk)
			return nil
		}
		if errors.Is(err, ErrBad) || errors.Is(err, ErrOther) {
			return fmt.Errorf("chunk %d, computed here: %w", chunk, err)
		}
		k.trouble(err.Error())
		pause(ctx, 500*time.Millisecond)
	}
	return nil
}

// sentence says which claims were wrong, now that the checksum of the chunk is known.
func (k *collector) sentence(chunk int, sum string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	claims := k.claims[chunk]
	if len(claims) > 0 {
		k.said.Checked++
	}
	isRight := func(c claim) bool { return c.sum == sum }
	isOpen := !slices.ContainsFunc(claims, isRight)
	var wrong, right []string
	for _, c := range claims {
		if isRight(c) {
			right = append(right, c.worker)
		} else if c.sum != "" || !isOpen {
			wrong = append(wrong, c.worker)
		}
	}
	slices.Sort(wrong) // not in the order in which they came
	slices.Sort(right)
	if len(wrong) == 0 {
		k.known[chunk] = sum
		return nil
	}
	if err := k.forget(chunk); err != nil {
		return err
	}
	if isOpen && len(wrong) > 1 {
		return fmt.Errorf("%w: chunk %d: the results of %s differ, and computing it here gives yet another; the chunk is dropped",
			ErrUnresolved, chunk, strings.Join(wrong, " and "))
	}
	k.known[chunk] = sum
	what := fmt.Sprintf("chunk %d: the result of %s is wrong, as computing it here shows", chunk, strings.Join(wrong, " and "))
	if len(right) > 0 {
		what += "; that of " + strings.Join(right, " and ") + " is right"
	}
	k.alarm(what)
	return nil
}
