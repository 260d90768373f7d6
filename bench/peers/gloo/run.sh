#!/usr/bin/env bash
# Builds gloo-peer if needed and runs it. See usage() below.
set -Eeuo pipefail

usage() {
  cat <<'HELP'
Usage: bench/peers/gloo/run.sh [--ranks COUNT] [--rate RATE] [options of the peer]

  --rate RATE   runs each rank on a node of its own, a network namespace with a link of this rate, such as 400mbit (needs
                root and Open MPI's mpirun, which only starts the ranks; see bench/network/README.md)

  bench/peers/gloo/run.sh --ranks 4 -b 8 -e 64M
  bench/peers/gloo/run.sh --ranks 4 --rate 400mbit -b 16M -n 5

The peer's options:

HELP
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
fail() { # fail CODE SENTENCE
  printf 'gloo/run.sh: %s\n' "$2" >&2
  exit "$1"
}

ranks=2 rate='' words=()
while [ $# -gt 0 ]; do
  case $1 in --ranks | --rate) [ $# -ge 2 ] || fail 2 "$1 needs a value; see --help" ;; esac
  case $1 in
    --ranks) ranks=$2 && shift ;;
    --rate) rate=$2 && shift ;;
    -h | --help) usage && words+=(--help) ;;
    *) words+=("$1") ;;
  esac
  shift
done
"$root/bench/peers/build.sh" gloo-peer >&2
peer=("$root/artifacts/peers/gloo-peer" --ranks "$ranks" "${words[@]}")
if [ -z "$rate" ]; then exec "${peer[@]}"; fi

store=$(mktemp -d "${TMPDIR:-/tmp}/gloo-peer.XXXXXX")
trap 'rm -rf "$store"' EXIT
# It dies with this script.
setpriv --pdeathsig TERM "$root/bench/network/netns.sh" --ranks "$ranks" --rate "$rate" --timeout 1800 -- "${peer[@]}" --store "$store" --interface net0
