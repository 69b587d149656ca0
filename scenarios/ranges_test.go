package scenarios

import "testing"

func TestIsWhole(t *testing.T) {
	for path, want := range map[string]bool{
		"model.capacity_lag_weeks": true, "labs.Google.count": true, `labs."A.I. Labs".count`: true, "weeks": true, "labs.Google.exit_weeks": false,
		"labs.Google.spend.Scale": false, "events.deal.stake": false, "model": false, "model.nothing": false, "labs.Google.count.more": false, "": false, "start": false,
	} {
		keys, err := ParsePath(path)
		if got := IsWhole(keys); err != nil || got != want {
			t.Errorf("that %s is whole is %v (%v)", path, got, err)
		}
	}
}

// A number is written so that it reads back exactly, and a whole one as a whole one.
func TestNumeral(t *testing.T) {
	for x, want := range map[float64]string{1e6: "1000000", 12: "12", -3: "-3", 0.21: "0.21", 1e21: "1e+21", 1e-7: "1e-07", 1234567.5: "1.2345675e+06", 0: "0"} {
		if got := numeral(x); got != want {
			t.Errorf("%v is written %s", x, got)
		}
	}
}
