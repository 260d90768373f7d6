#!/usr/bin/env bash
# Runs a command as MPI ranks on nodes that are network namespaces, with links of a chosen rate. See usage() below.
set -Eeuo pipefail

usage() {
  cat <<'HELP'
Usage: bench/network/netns.sh --ranks COUNT [--rate RATE] [options] [--] COMMAND [ARGUMENTS...]
       bench/network/netns.sh --ranks COUNT --rate RATE --check

Makes a star of nodes on this machine, runs the command under mpirun with its ranks spread over them, and leaves nothing
behind. A node has its own network, hostname (node1, node2, ...) and /dev/shm, so that MPI takes its ranks for those of one
machine and reaches the others by TCP. Files are shared: the folder you are in, /tmp and all others but /dev/shm. The command
gets the whole environment, HPCTRAIN_* too, with TMPDIR in the node's memory. Needs root.

  --ranks COUNT      the number of ranks
  --rate RATE        of every link, in each direction: 400mbit, 1gbit, 500kbit. Default: as fast as it goes
  --per-node COUNT   ranks on each node (default 1); --ranks is a multiple of it
  --mpi NAME         openmpi (the default) or mpich, by whose mpirun the command is run
  --check            first measure every link with a stream and stop if one is not within 85 to 105 % of its rate
  --timeout SECONDS  the bound on the command; then all of it is killed (default 600)
  --help             this text

  bench/network/netns.sh --ranks 4 --rate 400mbit -- hostname
  bench/network/netns.sh --ranks 4 --rate 400mbit -- artifacts/bin/hpctrain bench
  bench/network/netns.sh --ranks 4 --per-node 2 --rate 1gbit -- artifacts/peers/mpi-peer.openmpi -b 1M -e 16M
  bench/network/netns.sh --ranks 4 --rate 400mbit --check

Exit codes: the command's; 1 a link is not as fast as asked; 2 wrong usage; 4 something is missing, or the kernel does not do;
124 not done in time; 128 + N ended by signal N.
HELP
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here program=netns most_nodes=200
# shellcheck source=namespaces.sh
. "$here/namespaces.sh"

ranks='' rate='' per_node=1 mpi=openmpi check=no timeout_s=600
while [ $# -gt 0 ]; do
  case $1 in
    --ranks | --rate | --per-node | --mpi | --timeout) [ $# -ge 2 ] || fail 2 "$1 needs a value; see --help" ;;
  esac
  case $1 in
    --ranks) ranks=$2 && shift ;;
    --rate) rate=$2 && shift ;;
    --per-node) per_node=$2 && shift ;;
    --mpi) mpi=$2 && shift ;;
    --timeout) timeout_s=$2 && shift ;;
    --check) check=yes ;;
    -h | --help) usage && exit 0 ;;
    --) shift && break ;;
    -*) fail 2 "there is no option '$1'; see --help" ;;
    *) break ;;
  esac
  shift
done
[[ $ranks =~ ^[1-9][0-9]{0,3}$ ]] || fail 2 "--ranks takes the number of ranks, not '$ranks'"
if ! [[ $per_node =~ ^[1-9][0-9]{0,3}$ ]] || [ $((ranks % per_node)) != 0 ]; then
  fail 2 "--per-node takes a number that divides the $ranks ranks, not '$per_node'"
fi
[ $((ranks / per_node)) -le $most_nodes ] || fail 2 "at most $most_nodes nodes are possible, not $((ranks / per_node))"
[[ $rate =~ ^([1-9][0-9]*(\.[0-9]+)?[kmg]bit)?$ ]] || fail 2 "--rate takes a rate such as 400mbit, 1gbit or 500kbit, not '$rate'"
[[ $mpi =~ ^(openmpi|mpich)$ ]] || fail 2 "--mpi takes openmpi or mpich, not '$mpi'"
[[ $timeout_s =~ ^[1-9][0-9]{0,5}$ ]] || fail 2 "--timeout takes a number of seconds, not '$timeout_s'"
[ $# -gt 0 ] || [ $check = yes ] || fail 2 "there is no command to run; see --help"
[ $check = no ] || [ $((ranks / per_node)) -gt 1 ] || fail 2 "--check needs two nodes or more"
[ $check = no ] || [ -n "$rate" ] || fail 2 "--check needs a --rate to compare with"

require_namespaces
[ $check = no ] || command -v python3 >/dev/null || fail 4 "--check needs python3: install the package python3"
[ $# = 0 ] || command -v "mpirun.$mpi" >/dev/null || fail 4 "mpirun.$mpi is not in PATH: install the package ${mpi/openmpi/openmpi-bin}"
run_in_namespaces "$here/star.sh" "$ranks" "$per_node" "$mpi" "${rate:-none}" $check "$timeout_s" "$@"
