package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"exodus/agents"
	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/scenarios/words"
)

func scenariosCommand() *cobra.Command {
	parent := &cobra.Command{
		Use:   "scenarios",
		Short: "List, show, write and check scenarios",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	force := false
	list := &cobra.Command{
		Use:   "list",
		Short: "List the built-in scenarios with their variants",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return listScenarios(cmd) },
	}
	show := &cobra.Command{
		Use:               "show SCENARIO",
		Short:             "Print a scenario's file",
		Example:           "  exodus scenarios show meta-scale > mine.toml",
		Args:              oneArg("a built-in scenario or a file"),
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := scenarios.Load(args[0])
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(s.Source)
			return err
		},
	}
	create := &cobra.Command{
		Use:     "new FILE",
		Short:   "Write a small scenario with comments, to start from",
		Long:    "Write a small scenario with comments, to start from.\n\nIts events are of these kinds, which state what is named, and may state what follows a semicolon:\n\n" + kindsOfEvents(),
		Example: "  exodus scenarios new mine.toml",
		Args:    oneArg("the file to write, such as mine.toml"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return newScenario(cmd, args[0], force)
		},
	}
	create.Flags().BoolVar(&force, "force", false, "replace the file if it exists")
	check := &cobra.Command{
		Use:               "check SCENARIO",
		Short:             "Validate a scenario: report everything that is wrong with it, and where",
		Example:           "  exodus scenarios check mine.toml",
		Args:              oneArg("a scenario file"),
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := scenarios.Load(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is fine: %s\n", args[0], contents(s))
			return err
		},
	}
	schema := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of scenario files, for editors",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(scenarios.Schema())
			return err
		},
	}
	parent.AddCommand(list, show, create, check, schema)
	return parent
}

// kindsOfEvents are the kinds of events as a help text has them.
func kindsOfEvents() string {
	var table words.Table
	for i := range agents.Kinds {
		k := &agents.Kinds[i]
		table.Row("  "+k.Name, k.Fields())
		table.Row("", "  "+k.Does)
	}
	return table.String()
}

func listScenarios(cmd *cobra.Command) error {
	var table words.Table
	for _, name := range scenarios.Names() {
		s, err := scenarios.Load(name)
		if err != nil {
			return err
		}
		table.Row(name, s.Title)
		for _, v := range s.Variants {
			table.Row("  --variant "+v.Name, v.Title)
		}
	}
	_, err := table.WriteTo(cmd.OutOrStdout())
	return err
}

// newScenario writes the template, whole or not at all.
func newScenario(cmd *cobra.Command, path string, force bool) error {
	template, err := scenarios.Load("template")
	if err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a directory; name a file, such as %s", path, filepath.Join(path, "mine.toml"))
	}
	_, err = store.Write(filepath.Dir(path), []store.File{{Name: filepath.Base(path), Content: template.Source}}, force)
	var there *store.Exists
	if errors.As(err, &there) {
		return fmt.Errorf("%s already exists; choose another name, or use --force to replace it", path)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\nEdit it, then: exodus run %s\n", path, path)
	return err
}

// contents says what a scenario holds.
func contents(s *scenarios.Scenario) string {
	labs := 0
	for _, l := range s.Spec.Labs {
		labs += l.Count
	}
	parts := []string{
		count(labs, "lab"), count(len(s.Spec.Vendors), "vendor"), count(len(s.Spec.Owners), "owner"), count(len(s.Spec.Events), "event"),
		count(len(s.Variants), "variant"), count(len(s.Facts), "fact"), count(s.Spec.Weeks, "week"),
	}
	return strings.Join(parts, ", ")
}

func count(n int, what string) string { return words.Counted(n, what) }
