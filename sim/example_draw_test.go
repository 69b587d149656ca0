package sim_test

import (
	"fmt"

	"exodus/sim"
)

// A draw belongs to its coordinates. Asking again, in any order, gives the same
// number, and a newcomer's draws leave everyone else's alone.
func ExampleLuck() {
	luck := sim.Luck{Seed: 42, Run: 7}
	weather, crew := sim.KeyOf("weather"), sim.KeyOf("crew")
	wind, output := sim.KeyOf("wind"), sim.KeyOf("output")

	for week := range 3 {
		fmt.Printf("week %d: wind %.4f\n", week, luck.Normal(weather, wind, week))
	}

	fmt.Println("with a crew:")
	for week := 2; week >= 0; week-- {
		made := sim.Triangular(luck.Uniform(crew, output, week), 80, 100, 110)
		fmt.Printf("week %d: wind %.4f, output %.1f\n", week, luck.Normal(weather, wind, week), made)
	}

	// Output:
	// week 0: wind -0.1964
	// week 1: wind -1.5661
	// week 2: wind 0.7552
	// with a crew:
	// week 2: wind 0.7552, output 92.9
	// week 1: wind -1.5661, output 91.4
	// week 0: wind -0.1964, output 91.1
}
