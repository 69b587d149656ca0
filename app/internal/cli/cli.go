// Package cli is the headless program: its commands, flags and messages.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/scenarios/words"
)

// Exit codes.
const (
	succeeded = 0
	failed    = 1
	misused   = 2
)

// misuse is an error of the command line, as against one of what it asks for.
type misuse struct{ error }

func (m misuse) Unwrap() error { return m.error }

func misusef(format string, args ...any) error { return misuse{fmt.Errorf(format, args...)} }

// Run runs the program with arguments and returns its exit code: 0, 1 where it failed, 2 where it was
// misused. Results go to stdout, everything else to stderr.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	root := command()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	called, err := root.ExecuteContextC(ctx)
	if err == nil {
		return succeeded
	}
	if errors.Is(err, context.Canceled) {
		err = interrupted(called, err)
	}
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(stderr, "exodus: %s\n", words.OneLine(strings.TrimRight(line, "\n")))
	}
	var wrong misuse
	if !errors.As(err, &wrong) {
		return failed
	}
	fmt.Fprintf(stderr, "Try: %s --help\n", called.CommandPath())
	return misused
}

// interrupted says which command was stopped, and at what, where its error is that its context was canceled.
func interrupted(called *cobra.Command, err error) error {
	said := strings.TrimPrefix(called.CommandPath(), "exodus ") + ": stopped before it was done"
	if at := strings.TrimSuffix(strings.TrimSuffix(err.Error(), context.Canceled.Error()), ": "); at != "" {
		said += " (" + at + ")"
	}
	return errors.New(said)
}

func command() *cobra.Command {
	root := &cobra.Command{
		Use:   "exodus",
		Short: "What happens to a supplier whose customers stop trusting it to be neutral",
		Long: `exodus simulates a market in which a supplier's ownership changes and its customers no longer trust it to be
neutral: who leaves, how fast, and who gains. The case that it starts from is Meta's 49% of Scale AI in 2025.`,
		Example: `  exodus run meta-scale                                   the reference case: a table, files, figures
  exodus run meta-scale --variant audited-firewall        what an audited firewall would have kept
  exodus run meta-scale --set events.deal.stake=0.1       or a smaller stake
  exodus batch meta-scale --against no-deal               1,000 runs, with intervals
  exodus compare meta-scale audited-firewall reference    two variants, run by run
  exodus facts meta-scale                                 which facts it reproduces, in 200 runs
  exodus sensitivity meta-scale --metric share.Scale@26   which assumptions drive a result
  exodus scenarios new mine.toml                          a scenario of your own to start from`,
		SilenceErrors: true,

		SuggestionsMinimumDistance: 2,
		SilenceUsage:               true,
		Args:                       noArgs,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return misuse{flagError(err)} })
	root.AddCommand(
		runCommand(), batchCommand(), compareCommand(), whyCommand(), seekCommand(), doubtCommand(), harmCommand(), factsCommand(), sensitivityCommand(), calibrateCommand(),
		plotCommand(), figureCommand(), reproduceCommand(), reportCommand(),
		workCommand(), statusCommand(), mergeCommand(), scenariosCommand(), versionCommand(),
	)
	return root
}

// flagError says what a flag needs, since the library says how it is read.
func flagError(err error) error {
	var bad *pflag.InvalidValueError
	if !errors.As(err, &bad) {
		return err
	}
	flag := bad.GetFlag()
	needed := map[string]string{
		"int": "a whole number of at most 18 digits", "uint64": "a whole number from 0 to 18446744073709551615",
		"bool": "true or false", "duration": "a time such as 90s or 12h",
	}[flag.Value.Type()]
	if needed == "" {
		return err
	}
	return fmt.Errorf("--%s %s: %s is needed", flag.Name, bad.GetValue(), needed)
}

// noArgs refuses arguments. Of a command with commands of its own, an argument is a command that is not known.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return misusef("unknown command %q for %s%s", args[0], cmd.CommandPath(), hint)
}

// oneArg asks for one argument.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0 || len(args) == 1 && strings.TrimSpace(args[0]) == "":
			return misusef("%s: %s is needed", cmd.CommandPath(), what)
		case len(args) > 1:
			return misusef("%s: one argument is needed, %s; %q is one too many", cmd.CommandPath(), what, args[1])
		}
		return nil
	}
}

// completeScenarios offers the built-in scenarios, and files.
func completeScenarios(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return scenarios.Names(), cobra.ShellCompDirectiveDefault
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, and what it was built with",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "exodus %s, %s, %s\n", version(), runtime.Version(), platform())
			return err
		},
	}
}

func platform() string { return store.Platform() }

func version() string { return store.Version() }
