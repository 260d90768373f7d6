#!/usr/bin/env bash
# Measures the collectives beside all that this machine offers to compare with, and sums up. See usage() below.
set -Eeuo pipefail

usage() {
  cat <<'HELP'
Usage: bench/collectives/run.sh [options] [-- options of hpctrain bench]

Runs hpctrain bench under each MPI library, with its default and with every algorithm that it can be forced to use, then
Gloo, and writes tables of ratios (summarise.py). Each run's rows are kept as JSON beside the tables; a run whose JSON is
there already is not repeated, so an interrupted record goes on where it stopped. The machine should do nothing else.

  --output FOLDER       default bench/results; tables there, JSON in FOLDER/collectives
  --ranks LIST          default 2,4
  --mpi LIST            default openmpi,mpich, as far as they are installed
  --collectives LIST    default all
  --forced default|all  default: each library as it decides by itself; all (the default): every algorithm, too
  --gloo yes|no         default yes
  -b SIZE, -e SIZE, -f FACTOR
                        the sizes, default 8 to 64M by 4
  --quick               tiny sizes and few batches, to see that everything runs
  --timeout SECONDS     the bound on each run (default 1800)

Exit codes: 0 recorded; 1 a run failed or a result was wrong (the others were recorded); 2 wrong usage; 4 something is missing
HELP
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
hpctrain=artifacts/bin/hpctrain
fail() { # fail CODE SENTENCE
  printf 'bench/collectives/run.sh: %s\n' "$2" >&2
  exit "$1"
}

output=$root/bench/results ranks=2,4 mpis=openmpi,mpich collectives=all forced=all gloo=yes least=8 most=64M factor=4 timeout_s=1800
options=(-n auto --row-time 3)
while [ $# -gt 0 ]; do
  case $1 in
    --output | --ranks | --mpi | --collectives | --forced | --gloo | -b | -e | -f | --timeout) [ $# -ge 2 ] || fail 2 "$1 needs a value; see --help" ;;
  esac
  case $1 in
    --output) output=$2 && shift ;;
    --ranks) ranks=$2 && shift ;;
    --mpi) mpis=$2 && shift ;;
    --collectives) collectives=$2 && shift ;;
    --forced) forced=$2 && shift ;;
    --gloo) gloo=$2 && shift ;;
    -b) least=$2 && shift ;;
    -e) most=$2 && shift ;;
    -f) factor=$2 && shift ;;
    --timeout) timeout_s=$2 && shift ;;
    --quick) least=8 most=32K factor=64 options=(-n 2) ;;
    --) shift && options+=("$@") && break ;;
    -h | --help) usage && exit 0 ;;
    *) fail 2 "there is no option '$1'; see --help" ;;
  esac
  shift
done
[[ $ranks =~ ^[1-9][0-9]*(,[1-9][0-9]*)*$ ]] || fail 2 "--ranks takes numbers separated by commas, not '$ranks'"
[[ $mpis =~ ^(openmpi|mpich)(,(openmpi|mpich))*$ ]] || fail 2 "--mpi takes openmpi, mpich or both, not '$mpis'"
[[ $forced =~ ^(default|all)$ ]] || fail 2 "--forced takes default or all, not '$forced'"
[[ $gloo =~ ^(yes|no)$ ]] || fail 2 "--gloo takes yes or no, not '$gloo'"
[[ $timeout_s =~ ^[1-9][0-9]{0,5}$ ]] || fail 2 "--timeout takes a number of seconds, not '$timeout_s'"
known=(allreduce reduce-scatter allgather reduce broadcast gather scatter all-to-all barrier)
if [ "$collectives" = all ]; then wanted=("${known[@]}"); else IFS=, read -ra wanted <<<"$collectives"; fi
for name in "${wanted[@]}"; do
  [[ " ${known[*]} " == *" $name "* ]] || fail 2 "there is no collective '$name'; there are ${known[*]}"
done
# From the root and by relative paths, so that what is recorded does not name this machine's folders.
output=$(realpath -m --relative-to "$root" "$output")
cd "$root"
raw=$output/collectives
[ -x "$hpctrain" ] || ./setup.sh >&2
mkdir -p "$raw"
code=0

# ---- What the libraries can be forced to use --------------------------------------------------------------------

# algorithms LIBRARY COLLECTIVE RANKS: numbers for Open MPI 4.1 (coll_tuned), names for MPICH 4.0. "mpich-i" are the nonblocking
# calls, which HpcTrain makes where ranks outnumber cores. Left out: those of two ranks on more.
algorithms() {
  case $1:$2 in
    openmpi:allreduce) echo 1 2 3 4 5 6 ;;
    openmpi:reduce-scatter) echo 1 2 3 4 ;;
    openmpi:allgather) echo 1 2 3 4 5 ;;
    openmpi:reduce) echo 1 2 3 4 5 7 ;;
    openmpi:broadcast) echo 1 2 3 4 5 6 7 8 9 ;;
    openmpi:gather | openmpi:scatter) echo 1 2 3 ;;
    openmpi:all-to-all) echo 1 2 3 4 ;;
    openmpi:barrier) echo 1 2 3 4 6 ;;
    mpich:allreduce) echo recursive_doubling reduce_scatter_allgather ;;
    mpich:reduce-scatter) echo recursive_halving recursive_doubling pairwise ;;
    mpich:allgather) echo brucks recursive_doubling ring ;;
    mpich:reduce) echo binomial reduce_scatter_gather ;;
    mpich:broadcast) echo binomial scatter_recursive_doubling_allgather scatter_ring_allgather ;;
    mpich:gather | mpich:scatter) echo binomial ;;
    mpich:all-to-all) echo brucks pairwise scattered ;;
    mpich:barrier) echo dissemination ;;
    mpich-i:allreduce) echo sched_recursive_doubling sched_reduce_scatter_allgather tsp_recexch_single_buffer tsp_tree tsp_ring ;;
    mpich-i:reduce-scatter) echo sched_recursive_halving sched_recursive_doubling sched_pairwise ;;
    mpich-i:allgather) echo sched_brucks sched_recursive_doubling sched_ring tsp_ring tsp_brucks ;;
    mpich-i:reduce) echo sched_binomial sched_reduce_scatter_gather tsp_tree tsp_ring ;;
    mpich-i:broadcast) echo sched_binomial sched_scatter_recursive_doubling_allgather sched_scatter_ring_allgather tsp_tree tsp_ring ;;
    mpich-i:gather | mpich-i:scatter) echo sched_binomial tsp_tree ;;
    mpich-i:all-to-all) echo sched_brucks sched_pairwise tsp_ring tsp_brucks tsp_scattered ;;
    mpich-i:barrier) echo sched_recursive_doubling ;;
  esac
}

# setting LIBRARY COLLECTIVE ALGORITHM: the variables that force it
setting() {
  local name=$2
  case $name in
    broadcast) name=bcast ;;
    reduce-scatter) name=reduce_scatter_block ;;
    all-to-all) name=alltoall ;;
  esac
  case $1 in
    openmpi)
      # Nothing that would come before the tuned component; pipelines need segments.
      echo "OMPI_MCA_coll=^han,sm,adapt OMPI_MCA_coll_tuned_use_dynamic_rules=1 OMPI_MCA_coll_tuned_${name}_algorithm=$3"
      case $name:$3 in
        allreduce:5) echo "OMPI_MCA_coll_tuned_allreduce_algorithm_segmentsize=1048576" ;;
        bcast:[2345] | reduce:[234]) echo "OMPI_MCA_coll_tuned_${name}_algorithm_segmentsize=65536" ;;
      esac
      ;;
    mpich) echo "MPIR_CVAR_DEVICE_COLLECTIVES=none MPIR_CVAR_${name^^}_INTRA_ALGORITHM=$3" ;;
    mpich-i) echo "MPIR_CVAR_DEVICE_COLLECTIVES=none MPIR_CVAR_I${name^^}_INTRA_ALGORITHM=$3" ;;
  esac
}

# ---- The runs ---------------------------------------------------------------------------------------------------

bounded() { timeout --foreground -k 10 "$timeout_s" "$@"; }

# measure NAME COMMAND...: a command that writes $raw/NAME.json, unless that is there
measure() {
  local name=$1 began=$SECONDS status=0
  shift
  if [ -e "$raw/$name.json" ]; then
    printf '%-60s there already\n' "$name"
    return
  fi
  bounded "$@" --json "$raw/$name.partial" >"$raw/$name.log" 2>&1 </dev/null || status=$?
  if [ $status = 0 ]; then
    mv "$raw/$name.partial" "$raw/$name.json"
    rm "$raw/$name.log"
    printf '%-60s %4d s\n' "$name" $((SECONDS - began))
  else
    rm -f "$raw/$name.partial"
    printf '%-60s failed with exit code %d: %s\n' "$name" $status "$(grep -v '^#' "$raw/$name.log" | tail -n 1)" >&2
    code=1
  fi
}

for size in ${ranks//,/ }; do
  for mpi in ${mpis//,/ }; do
    if ! command -v "mpirun.$mpi" >/dev/null; then
      echo "mpirun.$mpi is not installed: left out"
      continue
    fi
    bench=("$hpctrain" bench --mpi "$mpi" --ranks "$size" -b "$least" -e "$most" -f "$factor" "${options[@]}")
    measure "$mpi-$size-default" "${bench[@]}" "$(IFS=, && echo "${wanted[*]}")" --chart "$raw/$mpi-$size-default.svg"
    [ "$forced" = all ] || continue
    library=$mpi
    if [ "$mpi" = mpich ] && [ "$size" -gt "$(nproc)" ]; then library=mpich-i; fi
    for collective in "${wanted[@]}"; do
      for algorithm in $(algorithms "$library" "$collective" "$size"); do
        places=()
        # In place MPICH has one algorithm for this, and takes it without a word.
        if [ "$mpi:$collective" = mpich:all-to-all ]; then places=(--in-place 0); fi
        read -rd '' -a variables < <(setting "$library" "$collective" "$algorithm") || true
        measure "$mpi-$size-$collective-$algorithm" env "${variables[@]}" "${bench[@]}" "$collective" "${places[@]}"
      done
    done
  done
  if [ "$gloo" = yes ] && "$root/bench/peers/build.sh" gloo-peer >&2; then
    names=$(IFS=, && echo "${wanted[*]}")
    measure "gloo-$size" "$root/bench/peers/gloo/run.sh" --ranks "$size" -b "$least" -e "$most" -f "$factor" --collective "${names/all-to-all/alltoall}" --algorithm all
  fi
done
python3 "$root/bench/collectives/summarise.py" "$raw" "$output"
exit $code
