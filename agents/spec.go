package agents

// Spec is a market as its author states it: who buys, who sells, who owns, what happens, and how the
// buyers behave. The tags on its fields are the one description of its inputs, which package
// [exodus/agents/field] reads.
type Spec struct {
	Weeks       int
	Model       Model
	Uncertainty Uncertainty
	Labs        []Lab
	Vendors     []Vendor
	Owners      []Owner
	Events      []Event
}

// LabNames are those of the labs, in their order.
func (s *Spec) LabNames() []string { return names(s.Labs, func(l *Lab) string { return l.Name }) }

// VendorNames are those of the vendors, in their order, without In-house.
func (s *Spec) VendorNames() []string {
	return names(s.Vendors, func(v *Vendor) string { return v.Name })
}

// OwnerNames are those of the owners, in their order.
func (s *Spec) OwnerNames() []string { return names(s.Owners, func(o *Owner) string { return o.Name }) }

// EventNames are those of the events, in their order.
func (s *Spec) EventNames() []string { return names(s.Events, func(e *Event) string { return e.Name }) }

func names[T any](all []T, of func(*T) string) []string {
	names := make([]string, len(all))
	for i := range all {
		names[i] = of(&all[i])
	}
	return names
}

// InHouse is the vendor that every lab is to itself: at price 1, without a limit to its capacity, and
// outside the sums of market shares.
const InHouse = "In-house"

// Model holds the behavioural parameters: how trust is lost, how buyers act on it, and how sellers adapt.
type Model struct {
	LeakAversion       float64 `toml:"leak_aversion" group:"trust" symbol:"beta_L" default:"5" drawn:"yes" min:"0" max:"100" low:"3" high:"8" unit:"nats" doc:"How much a fully exposed lab avoids a vendor that it does not trust at all: the utility that it loses there."`
	PriceSensitivity   float64 `toml:"price_sensitivity" symbol:"beta_p" default:"1.5" drawn:"yes" min:"0.01" max:"100" low:"0.5" high:"3" doc:"How strongly labs react to price: at 1.5, a vendor that becomes 10% dearer keeps 87% of its weight in a lab's choice (the weight is price to the power of -beta_p)."`
	QualitySensitivity float64 `toml:"quality_sensitivity" symbol:"beta_q" default:"1" min:"0" max:"100" low:"0.5" high:"2" doc:"Elasticity of a lab's utility to a vendor's quality."`
	ControlPerStake    float64 `toml:"control_per_stake" group:"trust" symbol:"kappa_s" default:"2" drawn:"yes" min:"0" max:"100" low:"0.8" high:"3.2" doc:"How much control a stake of 1 (all of the equity) is felt to give an owner."`
	ControlPerVotes    float64 `toml:"control_per_votes" group:"trust" symbol:"kappa_v" default:"1.5" drawn:"yes" min:"0" max:"100" low:"0.6" high:"2.4" doc:"How much control all of the votes are felt to give an owner."`
	ControlPerExecs    float64 `toml:"control_per_executives" group:"trust" symbol:"kappa_m" default:"0.8" drawn:"yes" min:"0" max:"100" low:"0.32" high:"1.28" doc:"How much control is felt to go to an owner with the executives that move to it."`
	AlarmRate          float64 `toml:"alarm_rate" group:"trust" symbol:"eta_up" default:"0.4" drawn:"yes" min:"0" max:"1" low:"0.15" high:"0.8" unit:"a week" doc:"Share of the way that perceived conflict moves towards worse news in a week."`
	RecoveryRate       float64 `toml:"recovery_rate" group:"trust" symbol:"eta_down" default:"0.012" drawn:"yes" min:"0" max:"1" low:"0.002" high:"0.05" unit:"a week" doc:"Share of the way that perceived conflict moves towards better news in a week; incidents fade at it too."`
	ReviewThreshold    float64 `toml:"review_threshold" group:"trust" symbol:"c" default:"0.03" drawn:"yes" min:"0" max:"100" low:"0.005" high:"0.2" unit:"nats" doc:"How much a lab must lose by keeping its mix of vendors before it reviews them; it stops below a quarter of that."`
	EmergencyPause     float64 `toml:"emergency_pause" group:"trust" symbol:"psi" default:"0.3" drawn:"yes" min:"0" max:"1" low:"0" high:"0.6" doc:"Share of the work to be moved that a lab pauses at once when its review starts."`
	Herding            float64 `toml:"herding" group:"trust" symbol:"chi" default:"0.25" drawn:"yes" min:"0" max:"100" low:"0" high:"1" doc:"How much the departure of others raises the conflict that a lab perceives."`
	LogitPlacing       float64 `toml:"logit_placing" symbol:"nu" default:"0.5" drawn:"yes" min:"0" max:"1" low:"0.2" high:"0.8" doc:"Share of moved work that is placed by preference; the rest is spread evenly over qualified vendors."`
	InquiryMultiple    float64 `toml:"inquiry_multiple" symbol:"m_rfq" default:"1.5" drawn:"yes" min:"0" max:"100" low:"1" high:"3" doc:"Requests for proposals per dollar still to move."`
	HiringRate         float64 `toml:"hiring_rate" symbol:"gamma" default:"0.03" min:"0" max:"1" low:"0.01" high:"0.06" unit:"a week" doc:"Growth of a busy vendor's capacity."`
	LayoffRate         float64 `toml:"layoff_rate" symbol:"delta" default:"0.03" min:"0" max:"1" low:"0.01" high:"0.06" unit:"a week" doc:"Shrinkage of an idle vendor's capacity."`
	CapacityLag        int     `toml:"capacity_lag_weeks" fixed:"yes" symbol:"lag" default:"4" min:"0" max:"520" low:"1" high:"12" unit:"weeks" doc:"Weeks between a vendor's utilisation and the capacity that answers it."`
	BusyAbove          float64 `toml:"busy_above" symbol:"u_hi" default:"0.85" min:"0" max:"10" low:"0.75" high:"0.95" doc:"Utilisation above which a vendor hires."`
	IdleBelow          float64 `toml:"idle_below" symbol:"u_lo" default:"0.7" min:"0" max:"10" low:"0.5" high:"0.75" doc:"Utilisation below which a vendor lays off."`
	PriceNeutralAt     float64 `toml:"price_neutral_at" symbol:"u_ref" default:"0.85" min:"0" max:"10" low:"0.75" high:"0.95" doc:"Utilisation at which a vendor leaves its price as it is."`
	PriceAdjustment    float64 `toml:"price_adjustment" symbol:"psi_p" default:"0.1" drawn:"yes" min:"0" max:"10" low:"0" high:"0.3" doc:"Strength of a vendor's price response to its utilisation, a quarter."`
	Foothold           float64 `toml:"foothold" fixed:"yes" symbol:"foothold" default:"0.002" min:"0.000001" max:"0.5" low:"0.0005" high:"0.01" doc:"Share by which a qualified vendor without spend enters a lab's preferences."`

	// Rival mechanisms: off, but for who asks whether a conclusion survives them.
	WinnerTakesAll      bool `toml:"winner_takes_all" group:"rival mechanisms" default:"false" doc:"In a review a lab aims at the one vendor that it likes best with its whole budget, and not at the mix of a logit."`
	MultiplicativeTrust bool `toml:"multiplicative_trust" group:"rival mechanisms" default:"false" doc:"Want of trust counts by the factor (1 - e (1 - T))^beta_L on a vendor's pull, and not by exp(-beta_L e (1 - T))."`
	NoForgiving         bool `toml:"no_forgiving" group:"rival mechanisms" default:"false" doc:"Conflict that a lab has perceived is never forgotten; what is left of incidents still fades."`
}

// Uncertainty says what chance may vary. Standard deviations are of the logarithm, so every draw has median 1.
type Uncertainty struct {
	Scale        float64 `toml:"scale" title:"scale of random variation" default:"1" min:"0" max:"10" low:"0" high:"2" doc:"Factor on every standard deviation below; 0 makes a run deterministic."`
	Ranges       bool    `toml:"ranges" title:"vary the parameters too" default:"false" doc:"Also draw the behavioural parameters, once a run, triangular over their plausible ranges with the stated value as mode."`
	Rivalry      float64 `toml:"rivalry" title:"rivalry spread" default:"0.1" min:"0" max:"3" low:"0" high:"0.3" doc:"Standard deviation of a lab's rivalry with an owner, once a run (the result clipped at 1)."`
	Exposure     float64 `toml:"exposure" title:"exposure spread" default:"0.1" min:"0" max:"3" low:"0" high:"0.3" doc:"Standard deviation of a lab's exposure, once a run (the result clipped at 1)."`
	ExitWeeks    float64 `toml:"exit_weeks" title:"weeks to exit spread" default:"0.25" min:"0" max:"3" low:"0" high:"0.5" doc:"Standard deviation of a lab's exit time, once a run (the result at least a week)."`
	LeakAversion float64 `toml:"leak_aversion" title:"leak aversion spread" default:"0.1" min:"0" max:"3" low:"0" high:"0.3" doc:"Standard deviation of leak aversion, once a run for all labs."`
	Budget       float64 `toml:"budget" title:"budget spread" default:"0" min:"0" max:"3" low:"0" high:"0.1" doc:"Standard deviation of a lab's budget, every week anew."`
	Taste        float64 `toml:"taste" title:"taste spread" default:"0" min:"0" max:"3" low:"0" high:"0.1" unit:"nats" doc:"Standard deviation of a lab's utility of a vendor, every week anew."`
}

// Lab is a line of buyers: one lab, or count of them that share its figures.
type Lab struct {
	Name       string             `toml:"-"`
	Segment    string             `toml:"segment" required:"true" doc:"The kind of buyer; vendors qualify by segment."`
	Rivalry    map[string]float64 `toml:"rivalry" min:"0" max:"1" low:"0" high:"1" doc:"Rivalry with each owner, by the owner's name; 0 where it is not named."`
	Exposure   float64            `toml:"exposure" required:"true" min:"0" max:"1" low:"0" high:"1" doc:"How much of the lab's secrets the data that it buys exposes."`
	ExitWeeks  float64            `toml:"exit_weeks" title:"weeks to exit" required:"true" symbol:"tau" min:"1" max:"5200" low:"1" high:"52" unit:"weeks" doc:"Mean time that leaving a vendor takes."`
	Growth     float64            `toml:"growth" default:"0" symbol:"g" min:"-0.99" max:"100" low:"-0.2" high:"1" unit:"a year" doc:"Growth of the budget."`
	Spend      map[string]float64 `toml:"spend" fixed:"yes" required:"true" min:"0" max:"1000000000" low:"0" high:"500" unit:"USD M a year" doc:"Spend with each vendor at the start, by the vendor's name; of all members together where count is above 1."`
	Count      int                `toml:"count" title:"how many labs" fixed:"yes" default:"1" min:"1" max:"10000000" low:"1" high:"1000000" doc:"How many labs the line stands for."`
	SizeSigma  float64            `toml:"size_sigma" title:"spread of size" fixed:"yes" default:"0" min:"0" max:"5" low:"0" high:"2" doc:"Spread of the members' sizes: the standard deviation of the logarithm of a lognormal."`
	ExposureSD float64            `toml:"exposure_sd" title:"spread of exposure" fixed:"yes" default:"0" min:"0" max:"0.5" low:"0" high:"0.3" doc:"Standard deviation of the members' exposures, a beta distribution around exposure."`
	RivalrySD  float64            `toml:"rivalry_sd" title:"spread of rivalry" fixed:"yes" default:"0" min:"0" max:"0.5" low:"0" high:"0.3" doc:"Standard deviation of the members' rivalries, a beta distribution around rivalry."`
}

// Vendor sells data work.
type Vendor struct {
	Name     string   `toml:"-"`
	Price    float64  `toml:"price" default:"1" min:"0.7" max:"1.5" low:"0.7" high:"1.5" unit:"index" doc:"Price at the start, as an index."`
	Quality  float64  `toml:"quality" default:"1" min:"0.01" max:"100" low:"0.5" high:"2" unit:"index" doc:"Quality at the start, as an index."`
	Headroom float64  `toml:"headroom" default:"1.25" min:"1" max:"1000" low:"1" high:"2" doc:"Capacity at the start over the load at the start."`
	Capacity float64  `toml:"capacity" default:"0" min:"0" max:"1000000000" low:"0" high:"2000" unit:"USD M a year at price 1" doc:"Capacity at the start, in place of headroom, and no less than the load: for a vendor that starts without clients. 0 is headroom times the load."`
	Segments []string `toml:"segments" doc:"The segments of buyers that the vendor is qualified for; all where none is named."`
	Firewall float64  `toml:"firewall" default:"0" symbol:"phi" min:"0" max:"1" low:"0" high:"1" doc:"Credibility of the firewall between the vendor and its owners at the start."`
}

// Owner may hold stakes in vendors.
type Owner struct {
	Name string `toml:"-"`
	Lab  string `toml:"lab" doc:"The lab that the owner is itself, if any: its commitments are a floor under that lab's spend."`

	Holds []Holding `toml:"holds" doc:"What it holds of vendors from before the start, by the vendor's name: buyers have lived with it, and prefer what they do in spite of it."`
}

// Holding is what an owner has of a vendor.
type Holding struct {
	Vendor     string  `toml:"-"`
	Stake      float64 `toml:"stake" default:"0" min:"0" max:"1" low:"0" high:"1" doc:"Share of the vendor's equity."`
	Votes      float64 `toml:"votes" default:"0" min:"0" max:"1" low:"0" high:"1" doc:"Share of the vendor's votes."`
	Executives float64 `toml:"executives" title:"executives who move" default:"0" min:"0" max:"1" low:"0" high:"1" doc:"Share of the vendor's leading executives who have moved to the owner."`
}

// Event is something that the wire publishes at the start of a week. Which fields count depends on its
// kind; see Kinds.
type Event struct {
	Name       string          `toml:"-"`
	Week       int             `toml:"date" date:"yes" required:"true" doc:"The day on which it happens; it acts from the start of its week."`
	Stated     map[string]bool `toml:"-"` // the fields that the author states, by their names in a file; nil is all
	Kind       string          `toml:"kind" required:"true" doc:"What happens."`
	Owner      string          `toml:"owner" doc:"The owner concerned."`
	Vendor     string          `toml:"vendor" doc:"The vendor concerned."`
	Lab        string          `toml:"lab" doc:"The one lab concerned, of a term or an incident; all where it is not named."`
	To         string          `toml:"to" doc:"Who buys the stake in a sale; nobody in the market where it is not named."`
	Stake      float64         `toml:"stake" min:"0" max:"1" low:"0" high:"1" doc:"Share of the vendor's equity: held from now on (stake), or sold (sale)."`
	Votes      float64         `toml:"votes" min:"0" max:"1" low:"0" high:"1" doc:"Share of the vendor's votes held from now on."`
	Executives float64         `toml:"executives" title:"executives who move" min:"0" max:"1" low:"0" high:"1" doc:"Share of the vendor's leading executives who have moved to the owner."`
	Cred       float64         `toml:"credibility" title:"firewall credibility" symbol:"phi" min:"0" max:"1" low:"0" high:"1" doc:"Credibility of the vendor's firewall from now on: a promise 0.15, audited 0.5, under a monitored order 0.8."`
	Change     float64         `toml:"change" min:"-0.99" max:"100" low:"-0.5" high:"0.5" doc:"Relative change of the vendor's price, quality or capacity; -0.2 is 20% less."`
	Weeks      float64         `toml:"weeks" min:"0" max:"5200" low:"0" high:"104" unit:"weeks" doc:"Weeks that a contract term adds to the time that leaving takes, from now on."`
	Minimum    float64         `toml:"minimum" min:"0" max:"1000000000" low:"0" high:"1000" unit:"USD M a year" doc:"Spend with the vendor that the owner commits to, from now on."`
	Until      int             `toml:"until" date:"yes" doc:"The day from which the vendor serves nobody; it acts from the start of its week."`
	Severity   float64         `toml:"severity" fixed:"yes" min:"0" max:"1" low:"0" high:"1" doc:"Share of trust that the incident destroys."`
	Before     float64         `toml:"valuation_before" fixed:"yes" min:"0" max:"1000000000000" low:"0" high:"1000000" unit:"USD M" doc:"The vendor's last valuation before the event; for reports, no agent sees it."`
	Valuation  float64         `toml:"valuation" fixed:"yes" min:"0" max:"1000000000000" low:"0" high:"1000000" unit:"USD M" doc:"The vendor's valuation in the event; for reports, no agent sees it."`
}

// States says whether the event states a field that its kind reads, by the field's name in a file.
func (e *Event) States(name string) bool { return e.Reads(name) && e.states(name) }

// Reads says whether the event's kind has a field, by the field's name in a file.
func (e *Event) Reads(name string) bool { return KindOf(e.Kind).Reads(name) }

func (e *Event) states(name string) bool { return e.Stated == nil || e.Stated[name] }

// Problem is something wrong with a Spec, at a dotted path such as labs.Google.spend.Scale.
type Problem struct {
	Path []string
	Text string // what is wrong, and what would be right
}
