package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"exodus/app/internal/store"
	"exodus/scenarios"
	"exodus/scenarios/words"
)

func mergeCommand() *cobra.Command {
	var o batchOptions
	cmd := &cobra.Command{
		Use:   "merge DIR...",
		Short: "Join the slices of a study that were run apart",
		Long: `Merge checks the directories that exodus batch --slice left behind, and joins them to the study that exodus batch
would have made at once: the same files, byte for byte. It says what is missing or damaged, and can be run again.`,
		Example: `  exodus batch meta-scale --runs 100000 --slice 0/2 --out out/big      # here
  exodus batch meta-scale --runs 100000 --slice 1/2 --out out/big      # there
  exodus merge out/big/slice-* --out out/whole`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return misusef("%s: the directories of slices are needed, such as out/big/slice-*", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			head, err := store.ReadStudy(args[0])
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%s: there is no study; name directories that exodus batch --slice wrote", args[0])
			}
			if err != nil {
				return err
			}
			s, model, err := modelOf(head)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			dir := o.out
			if dir == "" {
				dir = filepath.Join("out", words.FileName(s.Name, "-batch-"+o.identity(head.Plan)))
			}
			if same := slices.IndexFunc(args, func(a string) bool { return filepath.Clean(a) == filepath.Clean(dir) }); same >= 0 {
				return misusef("%s is a slice; choose another --out for the whole", dir)
			}
			results, err := store.OpenStudy(dir, *head, true)
			if err != nil {
				return err
			}
			defer results.Close()
			missing, err := results.Merge(args)
			if err != nil {
				return err
			}
			if len(missing) > 0 {
				return fmt.Errorf("%s of %d missing or damaged: %s%s; run their slices again with --resume, then merge again",
					count(len(missing), "chunk"), head.Plan.Chunks(), few(missing), sharesOf(missing, args))
			}
			o.against, o.uncertainty = head.Against, "luck"
			if slices.ContainsFunc(head.Plan.Variants, func(v string) bool { return strings.HasSuffix(v, scenarios.Ignorant) }) {
				o.uncertainty = "both"
			}
			summary, owes, err := o.sumUp(cmd.Context(), s, head.Plan, model, results)
			if err != nil || o.isQuiet {
				return err
			}
			return printBatch(cmd.OutOrStdout(), s, head.Plan, model, summary, owes, dir, o.against, false)
		},
	}
	cmd.Flags().StringVar(&o.out, "out", "", "the `directory` to write to (default out/ and the names of what is run)")
	cmd.Flags().BoolVar(&o.isQuiet, "quiet", false, "print nothing but errors")
	return cmd
}

// sharesOf says in which slices some chunks belong, where the names of directories tell into how many the study was cut.
func sharesOf(chunks []int, dirs []string) string {
	n := 0
	for _, dir := range dirs {
		_, last, _ := strings.Cut(filepath.Base(dir), "-of-")
		of, err := strconv.Atoi(last)
		if err != nil || of < 1 || n > 0 && of != n {
			return ""
		}
		n = of
	}
	var shares []int
	for _, c := range chunks {
		shares = append(shares, c%n)
	}
	slices.Sort(shares)
	return fmt.Sprintf(" (slice %s of %d)", few(slices.Compact(shares)), n)
}

// modelOf makes the model of a study of this version from what its head holds.
func modelOf(head *store.StudyHead) (*scenarios.Scenario, *scenarios.Model, error) {
	if head.Version != version() {
		return nil, nil, fmt.Errorf("the study is of version %s of exodus, this is version %s; use the same on all machines", head.Version, version())
	}
	return head.Model()
}

// few lists the first few of many numbers.
func few(all []int) string {
	text := strings.Trim(fmt.Sprint(all[:min(len(all), 10)]), "[]")
	if len(all) > 10 {
		text += " ..."
	}
	return text
}
