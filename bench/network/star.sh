#!/usr/bin/env bash
# The inside of netns.sh, in namespaces of its own: the network of this script is the switch, a bridge with one port per node;
# the nodes are namespaces below it, each held by a process that sleeps. mpirun runs here, beside the nodes, and enters them by
# enter.sh as it would enter machines by ssh.
#
#   port1 ==== net0 of node1 (10.77.0.1)
#   port2 ==== net0 of node2 (10.77.0.2)        both ends of a link are shaped: each direction where it is sent
#   switch     10.77.255.254, only for mpirun
set -Eeuo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ranks=$1 per_node=$2 mpi=$3 rate=$4 check=$5 timeout_s=$6
shift 6
readonly here nodes=$((ranks / per_node)) subnet=10.77.0.0/16 hub=10.77.255.254 ready_wait_s=20

fail() { # fail CODE SENTENCE
  printf 'netns: %s\n' "$2" >&2
  exit "$1"
}
must() { # must WHAT COMMAND...
  local what=$1 words
  shift
  words=$("$@" 2>&1) || fail 4 "cannot $what: '$*' says: ${words//$'\n'/ }"
}
in_node() { # in_node NUMBER COMMAND...
  local node=$1
  shift
  nsenter --target "${holders[node]}" --net --uts --mount --ipc "$@"
}
shape() { # shape NODE|switch DEVICE
  if [ "$rate" = none ]; then return; fi
  local enter=()
  if [ "$1" != switch ]; then enter=(in_node "$1"); fi
  must "shape a link (does the kernel have the tbf scheduler, sch_tbf?)" \
    "${enter[@]}" tc qdisc add dev "$2" root tbf rate "$rate" burst 256kb latency 20ms
}

# ---- The star ---------------------------------------------------------------------------------------------------

must "name the switch" hostname switch
must "mount a /dev/shm of the switch" mount -t tmpfs tmpfs /dev/shm
mkdir -m 1777 /dev/shm/tmp
export TMPDIR=/dev/shm/tmp
must "bring the loopback up" ip link set lo up
must "make a bridge (does the kernel have the bridge module?)" ip link add switch type bridge
must "address the bridge" ip addr add "$hub/16" dev switch
must "bring the bridge up" ip link set switch up

{
  printf '127.0.0.1 localhost\n%s switch\n' $hub
  for ((node = 1; node <= nodes; node++)); do echo "10.77.0.$node node$node"; done
} >/dev/shm/hosts
must "give the switch its hosts file" mount --bind /dev/shm/hosts /etc/hosts

# A node's own view: its hostname, the network devices in its /sys, its shared memory.
# shellcheck disable=SC2016  # expanded by the node's shell
readonly hold='set -e
  hostname "$1"
  if [ -d /sys/fs/cgroup ]; then mkdir -p "/dev/shm/cgroup-$1" && mount --rbind /sys/fs/cgroup "/dev/shm/cgroup-$1"; fi
  mount -t sysfs sysfs /sys
  if [ -d "/dev/shm/cgroup-$1" ]; then mount --rbind "/dev/shm/cgroup-$1" /sys/fs/cgroup; fi
  mount -t tmpfs tmpfs /dev/shm
  mkdir -m 1777 /dev/shm/tmp
  ip link set lo up
  echo "$1" >&9
  exec sleep infinity 9>&-'
mkfifo /dev/shm/ready
exec 9<>/dev/shm/ready
holders=()
for ((node = 1; node <= nodes; node++)); do
  unshare --net --mount --uts --ipc sh -c "$hold" hold "node$node" &
  holders[node]=$!
done
for ((node = 1; node <= nodes; node++)); do
  read -r -t $ready_wait_s -u 9 _ || fail 4 "only $((node - 1)) of $nodes nodes were ready after $ready_wait_s s"
done
exec 9>&-

for ((node = 1; node <= nodes; node++)); do
  must "make a link (does the kernel have the veth module?)" ip link add "port$node" type veth peer name net0 netns "${holders[node]}"
  must "plug a link into the switch" ip link set "port$node" master switch up
  must "address a node" in_node $node ip addr add "10.77.0.$node/16" dev net0
  must "bring a node's link up" in_node $node ip link set net0 up
  shape switch "port$node"
  shape $node net0
done

# ---- The check --------------------------------------------------------------------------------------------------

# Every node streams to the next, all at once, so that each link is full in both directions.
check_links() {
  local node streams=() code=0
  for ((node = 1; node <= nodes; node++)); do
    in_node $node python3 "$here/stream.py" "node$((node % nodes + 1))" >"/dev/shm/stream$node" 2>&1 &
    streams[node]=$!
  done
  for ((node = 1; node <= nodes; node++)); do
    wait "${streams[node]}" || fail 1 "the stream to node$node failed: $(tail -n 1 "/dev/shm/stream$node")"
  done
  for ((node = 1; node <= nodes; node++)); do
    awk -v rate="$rate" -v link="node$(((node + nodes - 2) % nodes + 1)) -> node$node" '{
      asked = rate * (rate ~ /k/ ? 0.001 : rate ~ /g/ ? 1000 : 1)
      printf "%s: %.1f Mbit/s of %g\n", link, $1, asked
      exit !($1 >= 0.85 * asked && $1 <= 1.05 * asked)
    }' "/dev/shm/stream$node" || code=1
  done
  [ $code = 0 ] || fail 1 "a link is not as fast as asked: 85 to 105 % of $rate"
}
if [ "$check" = yes ]; then check_links >&2; fi
if [ $# = 0 ]; then exit 0; fi

# ---- The command ------------------------------------------------------------------------------------------------

NETNS_NODES='' hosts=''
for ((node = 1; node <= nodes; node++)); do
  NETNS_NODES+=" 10.77.0.$node=${holders[node]}"
  hosts+=",10.77.0.$node:$per_node"
done
export NETNS_NODES
# The nodes share the cores of one machine, which a rank cannot see.
threads=$(($(nproc) / ranks))
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-$((threads > 0 ? threads : 1))}
launch=(timeout -k 10 "$timeout_s" "mpirun.$mpi" -n "$ranks")
if [ "$mpi" = openmpi ]; then
  # Ranks of one node share its memory (vader), others meet over TCP on the shaped links and nowhere else.
  launch+=(--allow-run-as-root --oversubscribe --bind-to none --host "${hosts#,}"
    --mca plm rsh --mca plm_rsh_agent "$here/enter.sh" --mca plm_rsh_no_tree_spawn 1 --mca oob_tcp_if_include "$subnet"
    --mca pml ob1 --mca btl "vader,tcp,self" --mca btl_tcp_if_include "$subnet")
  if [ "$ranks" -gt "$(nproc)" ]; then launch+=(--mca mpi_yield_when_idle 1); fi
else
  export UCX_TLS=tcp,self UCX_NET_DEVICES=net0
  launch+=(-launcher ssh -launcher-exec "$here/enter.sh" -localhost "$hub" -hosts "${hosts#,}")
fi

# Open MPI and the process that it starts for a node both put that process into a group of its own, and Open MPI warns when
# it comes second. What else comes on standard error passes.
exec 8> >(exec grep --line-buffered -v '^\[.*plm:rsh: Warning: setpgid(.*failed in parent' >&2)
filter=$!
code=0
"${launch[@]}" "$@" </dev/null 2>&8 || code=$?
exec 8>&-
timeout 2 tail --pid=$filter -f /dev/null || true
if [ $code = 124 ] || [ $code = 137 ]; then
  printf 'netns: not done after %s s (--timeout): %s\n' "$timeout_s" "$*" >&2
  code=124
fi
exit $code
