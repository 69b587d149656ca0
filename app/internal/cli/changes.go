package cli

import (
	"github.com/spf13/cobra"

	"exodus/scenarios"
)

// changes are the flags of every command that runs a scenario other than as its file says.
type changes struct {
	variant string
	set     []string
}

func (c *changes) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.variant, "variant", "", "run this variant of the scenario")
	f.StringArrayVar(&c.set, "set", nil, "change an input: `path=value`, such as events.deal.stake=0; may be repeated")
	cmd.RegisterFlagCompletionFunc("variant", func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		return variantNames(args), cobra.ShellCompDirectiveNoFileComp
	})
}

func variantNames(args []string) []string {
	if len(args) == 0 {
		return nil
	}
	if s, err := scenarios.Load(args[0]); err == nil {
		return variantsOf(s)
	}
	return nil
}

func variantsOf(s *scenarios.Scenario) (names []string) {
	for _, v := range s.Variants {
		names = append(names, v.Name)
	}
	return names
}

// load loads a scenario, and changes it as the flags say.
func (c *changes) load(name string) (*scenarios.Scenario, error) {
	s, err := scenarios.Load(name)
	if err != nil {
		return nil, err
	}
	if s, err = s.With(c.variant, c.set); err != nil {
		return nil, misuse{err} // the file by itself is fine
	}
	return s, nil
}

// doubt changes how much is not known, as --uncertainty says; whoever asks for both draws parameters himself.
func (c *changes) doubt(uncertainty string) error {
	switch uncertainty {
	case "none":
		c.set = append(c.set, "uncertainty.scale=0")
	case "luck", "both":
	default:
		return misusef("--uncertainty %s: none, luck or both is needed", uncertainty)
	}
	return nil
}
