package agents

// Deterministic is the plan without random variation: its runs are all the same, whatever their luck.
func (p *Plan) Deterministic() (*Plan, error) {
	spec := p.spec
	spec.Uncertainty.Scale, spec.Uncertainty.Ranges = 0, false
	return Compile(spec)
}
