package figure

import (
	"fmt"
	"math"
	"time"

	"gonum.org/v1/plot"
)

// dates marks the first days of months, as many as there is room for.
func dates(min, max float64) []plot.Tick {
	from, to := time.Unix(int64(min*86400), 0).UTC(), time.Unix(int64(max*86400), 0).UTC()
	months := int(to.Sub(from).Hours()/24/30.4) + 1
	step := 1
	for _, s := range []int{1, 3, 6, 12, 24, 60, 120} {
		if step = s; months/s <= 9 {
			break
		}
	}
	var ticks []plot.Tick
	for at := time.Date(from.Year(), 1, 1, 0, 0, 0, 0, time.UTC); !at.After(to); at = at.AddDate(0, step, 0) {
		if at.Before(from) {
			continue
		}
		label := at.Format("Jan 2006")
		if step >= 12 {
			label = at.Format("2006")
		}
		ticks = append(ticks, plot.Tick{Value: day(at), Label: label})
	}
	if len(ticks) == 0 {
		ticks = []plot.Tick{{Value: min, Label: from.Format("2 Jan 2006")}}
	}
	return ticks
}

// round marks a scale in four to eight steps of 1, 2 or 5 times a power of ten, zero among them.
func round(min, max float64, label func(x, step float64) string) (ticks []plot.Tick) {
	span := max - min
	step := math.Pow(10, math.Floor(math.Log10(span)))
	for _, part := range []float64{1, 0.5, 0.2, 0.1} {
		if span/(step*part) >= 3.5 {
			step *= part
			break
		}
	}
	for i := math.Ceil(min / step); i*step <= max; i++ {
		ticks = append(ticks, plot.Tick{Value: i * step, Label: label(i*step, step)})
	}
	return ticks
}

func percent(min, max float64) []plot.Tick {
	return round(min, max, func(x, step float64) string {
		if step < 0.01 {
			return fmt.Sprintf("%.1f%%", 100*x)
		}
		return fmt.Sprintf("%.0f%%", 100*x)
	})
}

func money(min, max float64) []plot.Tick {
	return round(min, max, func(x, _ float64) string { return Money(x) })
}

// Money writes USD million as people do.
func Money(x float64) string {
	switch size := x; {
	case x == 0:
		return "0"
	case x < 0:
		return "-" + Money(-x)
	case size >= 10_000:
		return fmt.Sprintf("USD %.0fB", x/1000)
	case size >= 1000:
		return fmt.Sprintf("USD %.1fB", x/1000)
	case size >= 10:
		return fmt.Sprintf("USD %.0fM", x)
	case size >= 1:
		return fmt.Sprintf("USD %.1fM", x)
	}
	return fmt.Sprintf("USD %.0fK", 1000*x)
}
