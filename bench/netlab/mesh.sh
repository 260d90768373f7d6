#!/usr/bin/env bash
# The inside of netlab.sh, in namespaces of its own: a node for every rank, switch and NIC of a topology, and a veth for every link.
#
#   rank0, device data: 10.9.0.1     to1 ==== to0   rank1, device data: 10.9.0.2        both ends are shaped: each direction where it is
#                                    to8 ==== to0   fallback (a router): 10.9.0.9        sent, at the link's rate in that direction
#
# Beside them is the switch of nodes.sh, which is not shaped: mpirun reaches its ranks by it, and no message takes it.
set -Eeuo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
network=$1 check=$2 links_file=$3 timeout_s=$4
shift 4
readonly program=netlab data_subnet=10.9.0.0/16 mtu=9000
# shellcheck source=../network/nodes.sh
. "$here/../network/nodes.sh"

data_address() { # data_address NUMBER
  echo "10.9.$(($1 / 250)).$(($1 % 250 + 1))"
}

mapfile -t node_names < <(awk '$1 == "node" { print $2 }' "$network")
ranks=$(awk '$1 == "node" && $3 == "rank"' "$network" | wc -l)
start_nodes "${node_names[@]}"

# ---- Links and routes -------------------------------------------------------------------------------------------

for node in "${!node_names[@]}"; do
  must "make a node's own address" in_node "$node" ip -batch - <<BATCH
link add data type bridge
addr add $(data_address "$node")/32 dev data
link set data up
BATCH
  if [ "$node" -ge "$ranks" ]; then
    must "make a router" in_node "$node" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
  fi
done
while read -r _ a b there back; do
  must "make a link" ip link add "to$b" mtu $mtu netns "${holders[a]}" type veth peer name "to$a" mtu $mtu netns "${holders[b]}"
  must "bring a link up" in_node "$a" ip link set "to$b" up
  must "bring a link up" in_node "$b" ip link set "to$a" up
  # What nobody sends by has no rate, and no route leads over it.
  if [ "$there" != 0.000 ]; then shape "${there}mbit" "$a" "to$b"; fi
  if [ "$back" != 0.000 ]; then shape "${back}mbit" "$b" "to$a"; fi
done < <(grep '^link ' "$network")
for node in "${!node_names[@]}"; do
  awk -v node="$node" '$1 == "route" && $2 == node { print $3, $4 }' "$network" | while read -r target hop; do
    echo "route add $(data_address "$target")/32 via $(data_address "$hop") dev to$hop src $(data_address "$node") onlink"
  done >/dev/shm/routes
  must "lay routes" in_node "$node" ip -batch - </dev/shm/routes
done

# ---- The check --------------------------------------------------------------------------------------------------

# Links between ranks carry a stream each, all at once. Those with switches are left to their neighbours: streams end at ranks.
measure_links() {
  awk '$1 == "link" { print $2, $3, $4; print $3, $2, $5 }' "$network" | while read -r from to asked; do
    if [ "$from" -lt "$ranks" ] && [ "$to" -lt "$ranks" ] && [ "$asked" != 0.000 ]; then echo "$from $to $(data_address "$to") $asked"; fi
  done >/dev/shm/asked
  measure_streams </dev/shm/asked >/dev/shm/streams
}
if [ "$check" = yes ] || [ -n "$links_file" ]; then
  measure_links
  if [ -n "$links_file" ]; then cat /dev/shm/streams >"$links_file"; fi
fi
if [ "$check" = yes ]; then
  awk '{
    printf "%s -> %s: %.1f Mbit/s of %g\n", $1, $2, $4, $3
    if ($4 < 0.85 * $3 || $4 > 1.05 * $3) wrong = 1
  } END { exit wrong }' /dev/shm/streams >&2 || fail 1 "a link is not as fast as asked: 85 to 105 % of its rate"
fi
if [ $# = 0 ]; then exit 0; fi
run_mpi openmpi "$ranks" 1 "$ranks" "$data_subnet" "$timeout_s" "$@"
