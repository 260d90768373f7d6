#!/usr/bin/env bash
# Records how long planning takes, each time in a program of its own, code compiled at run time included. See usage() below.
set -Eeuo pipefail

usage() {
  cat <<'HELP'
Usage: bench/planning/record.sh [--runs N]

Plans collectives for machines and clusters with 'hpctrain topo plan', each N times (default 9), and writes results.md beside this file: the
median, least and most of what it says planning took. Needs ./setup.sh before; takes about a minute.
HELP
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
hpctrain=${HPCTRAIN:-$here/../../artifacts/bin/hpctrain} runs=9
while [ $# -gt 0 ]; do
  case $1 in
    --runs) runs=${2:?--runs needs a number} && shift ;;
    -h | --help) usage && exit 0 ;;
    *) echo "planning: there is no option '$1'; see --help" >&2 && exit 2 ;;
  esac
  shift
done
[[ $runs =~ ^[1-9][0-9]{0,2}$ ]] || { echo "planning: --runs takes a number from 1 to 999, not '$runs'" >&2 && exit 2; }
[ -x "$hpctrain" ] || { echo "planning: there is no $hpctrain: run ./setup.sh, or name hpctrain in HPCTRAIN" >&2 && exit 4; }

row() { # row TOPOLOGY COLLECTIVE [OPTION...]
  local topology=$1 collective=$2 report times=()
  shift 2
  for ((run = 0; run < runs; run++)); do
    report=$("$hpctrain" topo plan "$topology" --collective "$collective" "$@")
    times+=("$(awk '$1 == "planned" { print $3 }' <<<"$report")")
  done
  printf '%s\n' "${times[@]}" | sort -n | awk -v head="| $topology${*:+ $*} | $collective | $(awk 'NR == 1 { sub(/.*, /, ""); sub(/ ranks?/, ""); print }' <<<"$report") | $(awk '$1 ~ /^[0-9]+$/ && $2 ~ /^trees?$/ { print $1; exit }' <<<"$report") | $(awk '$1 == "method" { print $2; exit }' <<<"$report")" \
    '{ all[NR] = $1 } END { printf "%s | %.0f | %.0f | %.0f |\n", head, all[int((NR + 1) / 2)], all[1], all[NR] }'
}

{
  cat <<TEXT
# How long planning takes

Milliseconds of \`hpctrain topo plan\` from the link graph to the plan: median, least and most of $runs runs, each a program of its own, so that code that is compiled while it
runs counts. On $(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) cores, recorded $(date -u +%F) by \`bench/planning/record.sh\`.

| topology | collective | ranks | trees | method | median ms | least | most |
|---|---|---:|---:|---|---:|---:|---:|
TEXT
  row dgx1v allreduce
  row dgx1v allreduce --max-trees 10
  row dgx1v broadcast
  row dgx1v allgather
  row dgx1v allreduce --planner blink
  row dgx-a100 allreduce
  row mi250 allreduce
  row dgx-a100:boxes=2 allreduce
  row dgx-a100:boxes=2 allgather
  row mi250:boxes=2 allreduce
  row dgx-a100:boxes=128 allreduce
  row dgx-a100:boxes=128 allgather
} >"$here/results.md.partial"
mv "$here/results.md.partial" "$here/results.md"
echo "wrote $here/results.md"
