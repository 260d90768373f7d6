# Sourced by inside.sh: the nodes and their links.
#
#   portX ==== net0 of nodeX (10.88.0.X)        both ends of a link are shaped: each direction where it is sent
#   switch     10.88.0.254, the head's own address
# shellcheck shell=bash
: "${state:?}" "${parts:?}" "${boot_wait_s:?}" "${SLURM_CONF:?}"

readonly prefix_bits=24 subnet=10.88.0

select_nodes() { # select_nodes NAMES: sets nodes, an array
  local known node
  mapfile -t known < <(find "$state/nodes" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -V)
  if [ "$1" = all ]; then
    nodes=("${known[@]}")
    return
  fi
  IFS=, read -ra nodes <<<"$1,"
  for node in "${nodes[@]}"; do
    [[ " ${known[*]} " = *" $node "* ]] || fail 2 "there is no node '$node'; the nodes are ${known[*]}"
  done
}

find_node() { # find_node NODE: sets pid, that of its first process
  is_alive "$state/nodes/$1/init" || fail 2 "$1 is without power: 'slurm/cluster start $1' starts it"
}
# nsenter stops when its child is stopped, as all processes of a node are by stop-and-go.sh, and nobody would wake it. So it has no child: it becomes a
# shell in the node's other namespaces, whose children are in the process namespace too.
in_node() { # in_node NODE COMMAND...: in the folder /
  local pid=
  find_node "$1"
  nsenter --target "$pid" --net --uts --mount --ipc --pid --no-fork bash -c "$(<"$parts/arrive.sh")" arrive "$1" / "${@:2}"
}

power_on() { # power_on NODE...: side by side, up to their slurmd
  local node pid='' number tries
  for node in "$@"; do
    # Like a diskless node it keeps nothing: Slurm's PMIx plugin would fail over the sockets that a job left that died with the node.
    rm -rf "$state/nodes/$node/init" "$state/nodes/$node/spool"
    mkdir "$state/nodes/$node/spool"
    setsid unshare --net --mount --uts --ipc --pid --fork --kill-child bash "$parts/node.sh" "$state" "$node" \
      >>"$state/nodes/$node/boot.log" 2>&1 </dev/null &
  done
  for node in "$@"; do
    number=${node#node}
    for ((tries = 0; tries < boot_wait_s * 50; tries++)); do
      if [ -e "$state/nodes/$node/init" ]; then break; fi
      sleep 0.02
    done
    is_alive "$state/nodes/$node/init" || fail 4 "$node does not start: $(tail -n 1 "$state/nodes/$node/boot.log")"
    must "make a link (does the kernel have the veth module?)" ip link add "port$number" type veth peer name net0 netns "$pid"
    must "plug a link into the switch" ip link set "port$number" master switch
    must "address a node" nsenter --target "$pid" --net ip -batch - <<<"addr add $subnet.$number/$prefix_bits dev net0
      link set net0 up"
    set_link "$node"
    if [ -e "$state/nodes/$node/rate" ]; then set_rate "$node"; fi
    if [ -e "$state/nodes/$node/slow" ]; then set_brake "$node"; fi
    # -b: it has been started anew, whatever the machine's uptime says, and none of its jobs has survived.
    in_node "$node" slurmd -b -N "$node" -f "$SLURM_CONF" >>"$state/nodes/$node/boot.log" 2>&1 </dev/null ||
      fail 1 "the slurmd of $node does not start: $(tail -n 1 "$state/nodes/$node/boot.log")"
  done
}

# The link goes first: the kernel would close the connections of the dying processes, and nobody says good-bye when the power is gone.
power_off() { # power_off NODE
  ip link delete "port${1#node}" 2>/dev/null || true
  end_process "$state/nodes/$1/init" "$1"
  rm -f "$state/nodes/$1/init"
}

set_link() { # set_link NODE: up, or down if it is cut
  must "set a link" ip link set "port${1#node}" "$([ -e "$state/nodes/$1/cut" ] && echo down || echo up)"
}

set_rate() { # set_rate NODE: both ends
  local rate device="port${1#node}" pid=
  rate=$(<"$state/nodes/$1/rate")
  is_alive "$state/nodes/$1/init"
  if [ "$rate" = none ]; then
    tc qdisc delete dev "$device" root 2>/dev/null || true
    nsenter --target "$pid" --net tc qdisc delete dev net0 root 2>/dev/null || true
    return
  fi
  local tbf=(root tbf rate "$rate" burst 256kb latency 20ms)
  must "shape a link (does the kernel have the tbf scheduler, sch_tbf?)" tc qdisc replace dev "$device" "${tbf[@]}"
  must "shape a link" nsenter --target "$pid" --net tc qdisc replace dev net0 "${tbf[@]}"
}

print_status() {
  local node states power link rate brake
  states=$(sinfo --noheader --Node --format='%N %T' --partition=batch 2>&1) || states="- slurmctld does not answer"
  if [ "${states%% *}" = - ]; then printf 'cluster: %s\n' "${states#- }" >&2; fi
  printf '%-8s %-14s %-12s %-6s %-5s %-9s %s\n' NODE SLURM ADDRESS POWER LINK RATE CPU
  select_nodes all
  for node in "${nodes[@]}"; do
    power=off link=plugged rate=none brake=100
    if is_alive "$state/nodes/$node/init"; then power=on; fi
    if [ -e "$state/nodes/$node/cut" ]; then link="cut"; fi
    if [ -e "$state/nodes/$node/rate" ]; then rate=$(<"$state/nodes/$node/rate"); fi
    if [ -e "$state/nodes/$node/slow" ]; then brake=$(<"$state/nodes/$node/slow"); fi
    printf '%-8s %-14s %-12s %-6s %-7s %-7s %s%%\n' "$node" "$(awk -v node="$node" '$1 == node { print $2 }' <<<"$states")" \
      "$subnet.${node#node}" $power $link "$rate" "$brake"
  done
}
