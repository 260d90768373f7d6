#!/usr/bin/env bash
# Runs the tests in two lanes: the suites that take longest, one after the other, and beside them the rest. See usage() below.
set -Eeuo pipefail
shopt -s inherit_errexit

usage() {
  cat <<'HELP'
Usage: tests/run.sh [--filter EXPRESSION] [--list] [SUITE...]

Sets up if needed, then runs every suite, or those named: a project under tests (HpcTrain.Mpi.Tests, or Mpi for short),
or 'format', which checks that 'dotnet format' has nothing to change. Two suites run at a time.

  --filter EXPRESSION   only tests that match, as for 'dotnet test --filter': Name~Ring, FullyQualifiedName=...
  --list                the names of the suites
  --help                this text

The last line sums up all suites: "N passed, N failed", with ", N skipped" if some were. A suite that crashes, runs no
test or takes longer than its bound counts as a failed test. Exit code 0 when nothing failed, else 1; 2: wrong usage.
Details of each suite lie in artifacts/test-results/.
HELP
}

readonly suite_bound_s=600
# The suites that take longest, all of which start many ranks, run one after the other; beside them run all others, which take about as long together.
readonly longest=(HpcTrain.Cli.Tests HpcTrain.Collectives.Tests HpcTrain.Training.Tests)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
trap 'printf "tests/run.sh: stopped unexpectedly at line %s: %s\n" "$LINENO" "$BASH_COMMAND" >&2' ERR
wrong_usage() {
  printf 'tests/run.sh: %s\n' "$*" >&2
  exit 2
}

mapfile -t known < <(find tests -mindepth 2 -maxdepth 2 -name '*.Tests.csproj' -printf '%f\n' | sed 's/\.csproj$//' | LC_ALL=C sort)
known=(format "${known[@]}")

# full_name WORD: the suite that a word names, in full or without HpcTrain. and .Tests
full_name() {
  local name
  for name in "${known[@]}"; do
    case $name in "$1" | "$1.Tests" | "HpcTrain.$1" | "HpcTrain.$1.Tests") printf '%s\n' "$name" && return 0 ;; esac
  done
  return 1
}

suites=() filter=
while [ $# -gt 0 ]; do
  case $1 in
    --filter)
      [ $# -ge 2 ] || wrong_usage "--filter needs an expression, such as Name~Ring"
      filter=$2
      shift
      ;;
    --list) printf '%s\n' "${known[@]}" && exit 0 ;;
    -h | --help) usage && exit 0 ;;
    -*) wrong_usage "there is no option '$1'; the options are --filter, --list, --help" ;;
    *)
      name=$(full_name "$1") || wrong_usage "there is no suite '$1'; the suites are ${known[*]}"
      suites+=("$name")
      ;;
  esac
  shift
done
if [ ${#suites[@]} = 0 ]; then
  suites=("${known[@]}")
  # A filter chooses among tests; the check of the format is none.
  if [ -n "$filter" ]; then suites=("${known[@]:1}"); fi
fi

./setup.sh --tests
# Programs that the tests start look for .NET in its usual places and in DOTNET_ROOT, not in PATH.
if [ -z "${DOTNET_ROOT:-}" ] && dotnet=$(command -v dotnet); then DOTNET_ROOT=$(dirname "$(readlink -f "$dotnet")") && export DOTNET_ROOT; fi

readonly results=artifacts/test-results
rm -rf $results
mkdir -p $results
# Tests, and the programs and ranks that they start, live for moments: instrumenting their code for a later tier never pays.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_TieredPGO=0
# Set-up has published the programs just now: the tests start what users start.
export HPCTRAIN_TEST_PROGRAMS=published
# Threads that wait for each other must not hold the cores that the other lane, or the other ranks, need.
export OMP_WAIT_POLICY=passive

report() { # report SUITE PASSED FAILED SKIPPED SECONDS [WHY]
  printf '%-28s %5d passed %4d failed %4d skipped %5d s%s\n' "$1" "$2" "$3" "$4" "$5" "${6:+   $6}"
  printf '%s %d %d %d\n' "$1" "$2" "$3" "$4" >>$results/counts
}

bounded() { # bounded COMMAND...: with a bound on its time, and so that a signal to this shell ends it at once
  local code=0
  timeout -k 10 $suite_bound_s "$@" </dev/null &
  running=$!
  wait $running || code=$?
  return $code
}

counter() { # counter NAME FILE: a number of the summary in a TRX file
  sed -nE "s/.*<Counters [^>]*\b$1=\"([0-9]+)\".*/\1/p" "$2" | head -n 1
}

run_format() {
  local began=$SECONDS log=$results/format.log code=0
  bounded dotnet format HpcTrain.sln --verify-no-changes --no-restore >$log 2>&1 || code=$?
  if [ $code = 0 ]; then
    report format 1 0 0 $((SECONDS - began))
  else
    head -n 20 $log
    report format 0 1 0 $((SECONDS - began)) "$([ $code = 124 ] && echo "not done after $suite_bound_s s" || echo "run 'dotnet format'")"
  fi
}

run_suite() {
  local suite=$1 began=$SECONDS code=0 log=$results/$1.log trx=$results/$1.trx
  local words=("artifacts/bin/$suite/release/$suite.dll" --nologo --results-directory "$results" --logger "trx;LogFileName=$suite.trx")
  if [ -n "$filter" ]; then words+=(--filter "$filter"); fi
  bounded dotnet test "${words[@]}" >"$log" 2>&1 || code=$?
  local seconds=$((SECONDS - began)) total=0 ok=0 bad=0
  if [ -f "$trx" ]; then
    total=$(counter total "$trx") ok=$(counter passed "$trx") bad=$(counter failed "$trx")
  fi
  local left_out=$((total - ok - bad)) why=
  if [ $code = 124 ] || [ $code = 137 ]; then
    why="not done after $suite_bound_s s: see $log"
  elif [ ! -f "$trx" ] && ! { [ -n "$filter" ] && [ $code = 0 ]; }; then
    why="no results: see $log"
  elif [ "$total" = 0 ] && [ -z "$filter" ]; then
    why="ran no test"
  elif [ $code != 0 ] && [ "$bad" = 0 ]; then
    why="crashed with exit code $code: see $log"
  fi
  if [ "$bad" -gt 0 ]; then grep -vE '^ *at (NUnit|System)\.' "$log" | tail -n 120; elif [ -n "$why" ]; then tail -n 30 "$log"; fi
  report "$suite" "$ok" $((bad + (${#why} > 0 ? 1 : 0))) "$left_out" "$seconds" "$why"
}

lane() { # lane SUITE...: one after the other; what a suite says comes in one piece
  local suite running=
  trap 'kill $running 2>/dev/null; exit 143' TERM
  for suite in "$@"; do
    if [ "$suite" = format ]; then run_format; else run_suite "$suite"; fi >"$results/$suite.said"
    flock $results/lock cat "$results/$suite.said"
  done
}

long=() others=()
for suite in "${suites[@]}"; do
  case " ${longest[*]} " in *" $suite "*) long+=("$suite") ;; *) others+=("$suite") ;; esac
done
: >$results/counts
lane "${long[@]}" &
lanes=($!)
lane "${others[@]}" &
lanes+=($!)
trap 'kill "${lanes[@]}" 2>/dev/null; wait; exit 130' INT TERM
for lane in "${lanes[@]}"; do wait "$lane" || true; done

passed=0 failed=0 skipped=0 reported=0
while read -r _ ok bad left_out; do
  passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + left_out)) reported=$((reported + 1))
done <$results/counts
if [ $reported != ${#suites[@]} ]; then
  printf 'tests/run.sh: only %d of %d suites came to their end\n' $reported ${#suites[@]} >&2
  failed=$((failed + 1))
fi
printf '\n'
if [ -n "$filter" ] && [ $((passed + failed)) = 0 ]; then
  printf "tests/run.sh: no test matches '%s'\n" "$filter" >&2
  failed=1
fi
last="$passed passed, $failed failed"
if [ $skipped -gt 0 ]; then last+=", $skipped skipped"; fi
printf '%s\n' "$last"
[ $failed = 0 ] || exit 1
