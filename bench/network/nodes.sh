# Sourced by star.sh and ../netlab/mesh.sh, in namespaces of their own: nodes on a switch, and mpirun beside them. The network of the script is
# the switch, a bridge with one port per node; the nodes are namespaces below it, each held by a process that sleeps. mpirun runs here and
# enters them by enter.sh as it would enter machines by ssh. Scripts set `program`.
# shellcheck shell=bash
: "${program:?}"

tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly tools subnet=10.77.0.0/16 hub=10.77.255.254 ready_wait_s=20
holders=() names=()

fail() { # fail CODE SENTENCE
  printf '%s: %s\n' "$program" "$2" >&2
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
address() { # address NUMBER: a node's on the switch
  echo "10.77.$(($1 / 250)).$(($1 % 250 + 1))"
}
shape() { # shape RATE NODE|switch DEVICE
  local enter=()
  if [ "$2" != switch ]; then enter=(in_node "$2"); fi
  must "shape a link (does the kernel have the tbf scheduler, sch_tbf?)" \
    "${enter[@]}" tc qdisc add dev "$3" root tbf rate "$1" burst 256kb latency 20ms
}

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

start_nodes() { # start_nodes NAME...: numbered from 0, each on the switch by its device net0
  names=("$@")
  local node
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
    for node in "${!names[@]}"; do echo "$(address "$node") ${names[node]}"; done
  } >/dev/shm/hosts
  must "give the switch its hosts file" mount --bind /dev/shm/hosts /etc/hosts

  mkfifo /dev/shm/ready
  exec 9<>/dev/shm/ready
  for node in "${!names[@]}"; do
    unshare --net --mount --uts --ipc sh -c "$hold" hold "${names[node]}" &
    holders[node]=$!
  done
  for node in "${!names[@]}"; do
    read -r -t $ready_wait_s -u 9 _ || fail 4 "only $node of ${#names[@]} nodes were ready after $ready_wait_s s"
  done
  exec 9>&-
  for node in "${!names[@]}"; do
    must "make a link (does the kernel have the veth module?)" ip link add "port$node" type veth peer name net0 netns "${holders[node]}"
    must "plug a link into the switch" ip link set "port$node" master switch up
    must "address a node" in_node "$node" ip addr add "$(address "$node")/16" dev net0
    must "bring a node's link up" in_node "$node" ip link set net0 up
  done
}

# Streams between nodes, all at once, so that links are full in both directions. A line of standard input per stream: the numbers of the node that
# sends and of the one that receives, the receiver's address, the rate asked for in Mbit/s. Output: sender, receiver, Mbit/s asked for, Mbit/s measured.
measure_streams() {
  local streams=() node from to address asked line
  local -A targets=() sources=()
  while read -r from to address asked; do
    streams+=("$from $to $asked")
    targets[$from]+=" $address"
    sources[$to]+=" ${names[from]}"
  done
  local -A runs=()
  for node in "${!names[@]}"; do
    if [ -z "${targets[$node]-}${sources[$node]-}" ]; then continue; fi
    # shellcheck disable=SC2086  # lists of words
    in_node "$node" python3 "$tools/stream.py" "${names[node]}" ${sources[$node]-} -- ${targets[$node]-} >"/dev/shm/stream$node" 2>&1 &
    runs[$node]=$!
  done
  for node in "${!runs[@]}"; do
    wait "${runs[$node]}" || fail 1 "the streams to ${names[node]} failed: $(tail -n 1 "/dev/shm/stream$node")"
  done
  for line in "${streams[@]}"; do
    read -r from to asked <<<"$line"
    echo "${names[from]} ${names[to]} $asked $(awk -v from="${names[from]}" '$1 == from { print $2 }' "/dev/shm/stream$to")"
  done
}

run_mpi() { # run_mpi MPI RANKS PER_NODE NODES NETWORK TIMEOUT_S COMMAND...: ends with the command's exit code
  local mpi=$1 ranks=$2 per_node=$3 count=$4 network=$5 timeout_s=$6 node hosts='' code=0
  shift 6
  NETNS_NODES=''
  for ((node = 0; node < count; node++)); do
    NETNS_NODES+=" $(address $node)=${holders[node]}"
    hosts+=",$(address $node):$per_node"
  done
  export NETNS_NODES
  # The nodes share the cores of one machine, which a rank cannot see.
  local threads=$(($(nproc) / ranks))
  export OMP_NUM_THREADS=${OMP_NUM_THREADS:-$((threads > 0 ? threads : 1))}
  local launch=(timeout -k 10 "$timeout_s" "mpirun.$mpi" -n "$ranks")
  if [ "$mpi" = openmpi ]; then
    # Ranks of one node share its memory (vader), others meet over TCP on the shaped links and nowhere else.
    launch+=(--allow-run-as-root --oversubscribe --bind-to none --host "${hosts#,}"
      --mca plm rsh --mca plm_rsh_agent "$tools/enter.sh" --mca plm_rsh_no_tree_spawn 1 --mca oob_tcp_if_include "$subnet"
      --mca pml ob1 --mca btl "vader,tcp,self" --mca btl_tcp_if_include "$network")
    if [ "$ranks" -gt "$(nproc)" ]; then launch+=(--mca mpi_yield_when_idle 1); fi
  else
    export UCX_TLS=tcp,self UCX_NET_DEVICES=net0
    launch+=(-launcher ssh -launcher-exec "$tools/enter.sh" -localhost "$hub" -hosts "${hosts#,}")
  fi

  # Open MPI and the process that it starts for a node both put that process into a group of its own, and Open MPI warns when
  # it comes second. What else comes on standard error passes.
  exec 8> >(exec grep --line-buffered -v '^\[.*plm:rsh: Warning: setpgid(.*failed in parent' >&2)
  local filter=$!
  "${launch[@]}" "$@" </dev/null 2>&8 || code=$?
  exec 8>&-
  timeout 2 tail --pid=$filter -f /dev/null || true
  if [ $code = 124 ] || [ $code = 137 ]; then
    printf '%s: not done after %s s (--timeout): %s\n' "$program" "$timeout_s" "$*" >&2
    code=124
  fi
  exit $code
}
