#!/bin/sh
# A study as an array of Slurm jobs: each runs its share, and a last job joins them.
#
#   job=$(sbatch --parsable --array=0-15 slurm.sh meta-scale --runs 2000000 --seed 1 --out out/big)
#   sbatch --dependency=afterok:"$job" --wrap 'exodus merge out/big/slice-* --out out/study'
#
# What stands behind slurm.sh goes to exodus batch; --out is a directory that all nodes share. out/study is then
# the study, byte for byte that of a single machine. EXODUS is the program, where it is not on the PATH. Up to a
# million runs, a study keeps a row for every run and week: 40 KB a run. Above, it keeps sketches, and is small.
#
# A share that was killed or ran out of time goes on where it was when it is submitted again; alone, it has to be told
# how many there are:
#
#   SHARES=16 sbatch --array=7 slurm.sh meta-scale --runs 2000000 --seed 1 --out out/big
#
# A share should take minutes at least, and an array has at most 1,001 of them unless MaxArraySize says otherwise.
#
#SBATCH --job-name=exodus
#SBATCH --cpus-per-task=2
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
# Two minutes before its time is over, exodus is told to finish what it has in hand; B: is for the script itself, which
# it has taken the place of:
#SBATCH --signal=B:TERM@120
set -eu
: "${SLURM_ARRAY_TASK_ID:?submit this with sbatch --array=0-15, or as many shares as you want}"
exec "${EXODUS:-exodus}" batch "$@" --resume --quiet --workers "${SLURM_CPUS_PER_TASK:-1}" \
	--slice "${SHARES:+$SLURM_ARRAY_TASK_ID}/${SHARES:-$SLURM_ARRAY_TASK_COUNT}"
