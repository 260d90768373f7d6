#!/usr/bin/env bash
# The inside of netns.sh, in namespaces of its own: nodes on a switch, see nodes.sh.
#
#   port0 ==== net0 of node1 (10.77.0.1)
#   port1 ==== net0 of node2 (10.77.0.2)        both ends of a link are shaped: each direction where it is sent
#   switch     10.77.255.254, only for mpirun
set -Eeuo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ranks=$1 per_node=$2 mpi=$3 rate=$4 check=$5 timeout_s=$6
shift 6
readonly nodes=$((ranks / per_node)) program=netns
# shellcheck source=nodes.sh
. "$here/nodes.sh"

mapfile -t node_names < <(seq -f 'node%.0f' $nodes)
start_nodes "${node_names[@]}"
if [ "$rate" != none ]; then
  for ((node = 0; node < nodes; node++)); do
    shape "$rate" switch "port$node"
    shape "$rate" $node net0
  done
fi

# Every node streams to the next.
check_links() {
  local asked node next
  asked=$(awk -v rate="$rate" 'BEGIN { print rate * (rate ~ /k/ ? 0.001 : rate ~ /g/ ? 1000 : 1) }')
  for ((node = 0; node < nodes; node++)); do
    next=$(((node + 1) % nodes))
    echo "$node $next $(address $next) $asked"
  done >/dev/shm/asked
  measure_streams </dev/shm/asked >/dev/shm/streams
  awk '{
    printf "%s -> %s: %.1f Mbit/s of %g\n", $1, $2, $4, $3
    if ($4 < 0.85 * $3 || $4 > 1.05 * $3) wrong = 1
  } END { exit wrong }' /dev/shm/streams || fail 1 "a link is not as fast as asked: 85 to 105 % of $rate"
}
if [ "$check" = yes ]; then check_links >&2; fi
if [ $# = 0 ]; then exit 0; fi
run_mpi "$mpi" "$ranks" "$per_node" "$nodes" "$subnet" "$timeout_s" "$@"
