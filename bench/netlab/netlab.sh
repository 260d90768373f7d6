#!/usr/bin/env bash
# Runs a command as MPI ranks on the links of a topology, each a shaped veth. See usage() below.
set -Eeuo pipefail

usage() {
  cat <<'HELP'
Usage: bench/netlab/netlab.sh TOPOLOGY [--allocation RANKS] [--rate RATE] [options] [--] COMMAND [ARGUMENTS...]
       bench/netlab/netlab.sh TOPOLOGY [--allocation RANKS] [--rate RATE] --check

Makes the links of a topology on this machine: one node (a network namespace) per rank, one shaped link per link, and a slow shared
switch for pairs of ranks that have none. Runs the command on it under Open MPI, over TCP, and leaves nothing behind. A node has its own
network, hostname (rank0, rank1, ...) and /dev/shm; all other files are shared. Needs root.

  TOPOLOGY            a file of any kind that 'hpctrain topo' reads, or a built-in one: dgx1v, torus:dims=3x3
  --allocation RANKS  only these ranks of it: 0,1,4,5 or 0-3,6
  --rate RATE         what a unit of bandwidth becomes: 50mbit (the default), 1gbit, 500kbit
  --unit GB/S         the bandwidth in the topology that has this rate. Default: that of its slowest link
  --fallback GB/S     of each rank's port to the switch for pairs without a link, or none. Default: 10/25 of the unit, PCIe beside NVLink
  --check             first measure all links between ranks at once, and stop if one is not within 85 to 105 % of its rate
  --links FILE        write what was measured: sender, receiver, rate asked for and rate found in Mbit/s
  --graph FILE        write the links of the laboratory as a topology, with the switch 'fallback' where it has one
  --timeout SECONDS   the bound on the command; then all of it is killed (default 600)
  --help              this text

  bench/netlab/netlab.sh dgx1v --allocation 0-3 -- hostname
  bench/netlab/netlab.sh dgx1v --rate 40mbit --check
  bench/netlab/netlab.sh cluster.json --unit 10 --rate 100mbit -- artifacts/bin/hpctrain bench allreduce -b 16M -e 16M --schedule plan.json

Exit codes: the command's; 1 a link is not as fast as asked; 2 wrong usage, or no such topology; 4 something is missing, or the kernel does not
do; 124 not done in time; 128 + N ended by signal N. HPCTRAIN names the hpctrain to use (default artifacts/bin/hpctrain).
HELP
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here program=netlab most_nodes=200
# shellcheck source=../network/namespaces.sh
. "$here/../network/namespaces.sh"

topology='' allocation='' rate=50mbit unit='' fallback='' check=no links='' graph='' timeout_s=600
while [ $# -gt 0 ]; do
  case $1 in
    --allocation | --rate | --unit | --fallback | --links | --graph | --timeout) [ $# -ge 2 ] || fail 2 "$1 needs a value; see --help" ;;
  esac
  case $1 in
    --allocation) allocation=$2 && shift ;;
    --rate) rate=$2 && shift ;;
    --unit) unit=$2 && shift ;;
    --fallback) fallback=$2 && shift ;;
    --links) links=$2 && shift ;;
    --graph) graph=$2 && shift ;;
    --timeout) timeout_s=$2 && shift ;;
    --check) check=yes ;;
    -h | --help) usage && exit 0 ;;
    --) shift && break ;;
    -*) fail 2 "there is no option '$1'; see --help" ;;
    *)
      [ -z "$topology" ] || break
      topology=$1
      ;;
  esac
  shift
done
[ -n "$topology" ] || fail 2 "there is no topology; see --help"
[[ $rate =~ ^[1-9][0-9]*(\.[0-9]+)?[kmg]bit$ ]] || fail 2 "--rate takes a rate such as 50mbit, 1gbit or 500kbit, not '$rate'"
[[ $timeout_s =~ ^[1-9][0-9]{0,5}$ ]] || fail 2 "--timeout takes a number of seconds, not '$timeout_s'"
[ $# -gt 0 ] || [ $check = yes ] || [ -n "$links$graph" ] || fail 2 "there is no command to run; see --help"

require_namespaces
command -v python3 >/dev/null || fail 4 "netlab needs python3: install the package python3"
[ $# = 0 ] || command -v mpirun.openmpi >/dev/null || fail 4 "mpirun.openmpi is not in PATH: install the package openmpi-bin"

# The network, told to those inside by a file that has no name any more, so that it cannot be left behind.
network=/dev/fd/7 links_of=/dev/fd/8
file=$(mktemp)
exec 7<>"$file"
rm -f "$file"
file=$(mktemp)
exec 8<>"$file"
rm -f "$file"
hpctrain=${HPCTRAIN:-$here/../../artifacts/bin/hpctrain}
[ -x "$hpctrain" ] || fail 4 "there is no $hpctrain: run ./setup.sh, or name hpctrain in HPCTRAIN"
"$hpctrain" topo convert "$topology" ${allocation:+--allocation "$allocation"} >$links_of || exit $?
mbit_s=$(awk -v rate="$rate" 'BEGIN { print rate * (rate ~ /k/ ? 0.001 : rate ~ /g/ ? 1000 : 1) }')
python3 "$here/network.py" $links_of --rate "$mbit_s" ${unit:+--unit "$unit"} ${fallback:+--fallback "$fallback"} ${graph:+--graph "$graph"} >$network
nodes=$(grep -c '^node ' $network)
[ "$nodes" -le $most_nodes ] || fail 2 "at most $most_nodes nodes are possible, not $nodes"
if [ $# = 0 ] && [ $check = no ] && [ -z "$links" ]; then exit 0; fi
run_in_namespaces "$here/mesh.sh" $network $check "$links" "$timeout_s" "$@"
