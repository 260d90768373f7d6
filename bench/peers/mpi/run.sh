#!/usr/bin/env bash
# Builds mpi-peer for one MPI if needed and runs it under that MPI's mpirun. See usage() below.
set -Eeuo pipefail

usage() {
  cat <<'HELP'
Usage: bench/peers/mpi/run.sh [--mpi openmpi|mpich] [--ranks COUNT] [--mpi-algorithm NAME] [--rate RATE] [options of the peer]

Runs the benchmark of an MPI library's collectives on this machine, under that library's own mpirun.

  --mpi NAME             openmpi (the default) or mpich
  --ranks COUNT          default 2; with more than there are cores Open MPI is told to yield while it waits
  --mpi-algorithm NAME   makes Open MPI use this algorithm, by name or number, for the one collective that is measured
                         (coll_tuned_*_algorithm); a name that does not exist lists those that do
  --rate RATE            runs each rank on a node of its own, a network namespace with a link of this rate, such as 400mbit
                         (needs root; see bench/network/README.md)
  --timeout SECONDS      the bound on the whole run (default 1800)

  bench/peers/mpi/run.sh --ranks 4 -b 8 -e 64M --json openmpi.json
  bench/peers/mpi/run.sh --mpi mpich --collective all
  bench/peers/mpi/run.sh --ranks 4 --mpi-algorithm ring -b 1M
  bench/peers/mpi/run.sh --ranks 4 --rate 400mbit -b 16M -n 5

The peer's options:

HELP
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
fail() { # fail CODE SENTENCE
  printf 'mpi/run.sh: %s\n' "$2" >&2
  exit "$1"
}

mpi=openmpi ranks=2 algorithm='' rate='' collective=allreduce timeout_s=1800 words=()
while [ $# -gt 0 ]; do
  case $1 in
    --mpi | --ranks | --mpi-algorithm | --rate | --timeout | --collective) [ $# -ge 2 ] || fail 2 "$1 needs a value; see --help" ;;
  esac
  case $1 in
    --mpi) mpi=$2 && shift ;;
    --ranks) ranks=$2 && shift ;;
    --mpi-algorithm) algorithm=$2 && shift ;;
    --rate) rate=$2 && shift ;;
    --timeout) timeout_s=$2 && shift ;;
    --collective) collective=$2 && words+=("$1" "$2") && shift ;;
    -h | --help) usage && mpi=help ;;
    *) words+=("$1") ;;
  esac
  shift
done
if [ "$mpi" = help ]; then
  "$root/bench/peers/build.sh" mpi-peer.openmpi >&2
  exec "$root/artifacts/peers/mpi-peer.openmpi" --help
fi
[[ $mpi =~ ^(openmpi|mpich)$ ]] || fail 2 "--mpi takes openmpi or mpich, not '$mpi'"
[[ $ranks =~ ^[1-9][0-9]{0,3}$ ]] || fail 2 "--ranks takes a number from 1, not '$ranks'"
[[ $timeout_s =~ ^[1-9][0-9]{0,5}$ ]] || fail 2 "--timeout takes a number of seconds, not '$timeout_s'"
[ -z "$algorithm" ] || [ "$mpi" = openmpi ] || fail 2 "--mpi-algorithm is for Open MPI: MPICH is measured as it decides by itself"
"$root/bench/peers/build.sh" "mpi-peer.$mpi" >&2
command -v "mpirun.$mpi" >/dev/null || fail 4 "mpirun.$mpi is not in PATH: install Debian's ${mpi/openmpi/openmpi-bin}"

# What Open MPI calls the collective in its variables.
tuned_name() {
  case $1 in
    broadcast) echo bcast ;;
    reduce-scatter) echo reduce_scatter_block ;;
    *) echo "$1" ;;
  esac
}

force_algorithm() { # force_algorithm COLLECTIVE NAME|NUMBER
  local variable values wanted=${2//-/_}
  case $1 in *,* | all) fail 2 "--mpi-algorithm is for one collective, not '$1': name it with --collective" ;; esac
  variable=coll_tuned_$(tuned_name "$1")_algorithm
  # Lines such as 4:ring.
  values=$(ompi_info --param coll tuned --level 9 --parsable | sed -n "s/.*:$variable:enumerator:value:\([0-9]*:.*\)/\1/p")
  if ! grep -qxE "$wanted:.*|[0-9]+:$wanted" <<<"$values"; then
    fail 2 "Open MPI has no algorithm '$2' for $1; it has $(grep -v '^0:' <<<"$values" | tr '\n' ' ')"
  fi
  export OMPI_MCA_coll_tuned_use_dynamic_rules=1 "OMPI_MCA_$variable=$wanted"
  # Without a size of segments this one has none, and is the ring; Open MPI itself takes 1 MiB.
  if [ "$variable" = coll_tuned_allreduce_algorithm ] && [[ $wanted =~ ^(5|segmented_ring)$ ]]; then
    export OMPI_MCA_coll_tuned_allreduce_algorithm_segmentsize=$((1 << 20))
  fi
  # Nothing that would come before the tuned component.
  export OMPI_MCA_coll='^han,sm,adapt'
}

if [ -n "$algorithm" ]; then force_algorithm "$collective" "$algorithm"; fi
peer=("$root/artifacts/peers/mpi-peer.$mpi" --ranks "$ranks" "${words[@]}")
if [ -n "$rate" ]; then
  exec "$root/bench/network/netns.sh" --ranks "$ranks" --rate "$rate" --mpi "$mpi" --timeout "$timeout_s" -- "${peer[@]}"
fi
launch=("mpirun.$mpi" -n "$ranks")
if [ "$mpi" = openmpi ]; then
  launch+=(--oversubscribe --bind-to none)
  if [ "$EUID" = 0 ]; then launch+=(--allow-run-as-root); fi
  if [ "$ranks" -gt "$(nproc)" ]; then launch+=(--mca mpi_yield_when_idle 1); fi
fi
exec timeout --foreground -k 10 "$timeout_s" "${launch[@]}" "${peer[@]}"
