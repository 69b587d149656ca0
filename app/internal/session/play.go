package session

import (
	"fmt"
	"time"
)

// The speeds of playing, in weeks a second.
const (
	leastSpeed = 0.5
	mostSpeed  = 1000
)

type play struct{ on bool }

func (p play) do(c *core) error {
	if p.on && c.head >= c.weeks() {
		c.head = 0
	}
	c.playing = p.on && c.market != nil
	c.last, c.passed = time.Now(), 0
	c.ticker.Stop()
	if c.playing {
		c.ticker.Reset(frame)
	}
	return nil
}

type seek struct {
	week int
	by   bool
}

func (s seek) do(c *core) error {
	week := s.week
	if s.by {
		week += c.head
		if err := (play{false}).do(c); err != nil {
			return err
		}
	}
	c.head = min(max(week, 0), c.weeks())
	c.passed = 0
	return nil
}

type speed struct{ weeks float64 }

func (s speed) do(c *core) error {
	if !(s.weeks >= leastSpeed && s.weeks <= mostSpeed) {
		return fmt.Errorf("%g weeks a second: %g to %d are possible", s.weeks, leastSpeed, mostSpeed)
	}
	c.speed = s.weeks
	return nil
}

// tick lets time go by while it plays. Weeks that the agents have not lived yet are waited for.
func (c *core) tick(now time.Time) {
	if !c.playing {
		return
	}
	if c.answer.market != c.market {
		c.last = now
		return
	}
	c.passed += c.speed * max(0, now.Sub(c.last).Seconds())
	c.last = now
	weeks := int(c.passed)
	if weeks == 0 {
		return
	}
	c.passed -= float64(weeks)
	if c.head = min(c.head+weeks, c.weeks()); c.head == c.weeks() {
		c.playing = false
		c.ticker.Stop()
	}
	c.publish()
}
