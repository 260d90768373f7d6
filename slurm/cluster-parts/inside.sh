#!/usr/bin/env bash
# What 'cluster' does on the head, in the head's namespaces. Usage: inside.sh STATE COMMAND [NODES] [ARGUMENTS...]
set -Eeuo pipefail
shopt -s inherit_errexit

state=$1 command=$2
shift 2
parts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly state parts boot_wait_s=10 idle_wait_s=30
export SLURM_CONF=$state/etc/slurm.conf
# shellcheck source=state.sh
. "$parts/state.sh"
# shellcheck source=nodes.sh
. "$parts/nodes.sh"
# shellcheck source=brake.sh
. "$parts/brake.sh"

# wait_for BOUND_S WHAT COMMAND...
wait_for() {
  local bound=$1 what=$2 began=$SECONDS
  shift 2
  until "$@"; do
    [ $((SECONDS - began)) -lt "$bound" ] || fail 1 "$what after $bound s"
    sleep 0.05
  done
}
is_ready() { # is_ready NODE...: whether Slurm says that they could run jobs
  local states
  states=$(sinfo --noheader --Node --format=%T --partition=batch --nodes="$(IFS=, && echo "$*")" 2>/dev/null) || return 1
  [ -n "$states" ] && ! grep -qvE '^(idle|mixed|allocated|completing)$' <<<"$states"
}
knows_all() { # whether slurmctld answers, and has heard of every node that it does not hold for dead
  local states
  states=$(sinfo --noheader --Node --format=%T 2>/dev/null) && [ -n "$states" ] && ! grep -q '^unk' <<<"$states"
}
has_registered() { # has_registered NODE SINCE: whether Slurm has heard of a slurmd of the node that started after SINCE, in seconds
  local words
  words=$(scontrol show node "$1" 2>/dev/null) || return 1
  [[ $words =~ SlurmdStartTime=([0-9T:-]+) ]] && [ "$(date -d "${BASH_REMATCH[1]}" +%s)" -ge "$2" ]
}

start_controller() { slurmctld -f "$SLURM_CONF" >>"$state/log/slurmctld-start.log" 2>&1 </dev/null || fail 1 "slurmctld does not start"; }

case $command in
  up)
    # --force: the folders above the socket need not be safe from others, as those of a machine must.
    munged --force --key-file="$state/etc/munge.key" --socket="$state/munge/socket" --pid-file="$state/munge/pid" \
      --log-file="$state/log/munged.log" --seed-file="$state/munge/seed" >>"$state/log/munged-start.log" 2>&1 </dev/null || fail 1 "munged does not start"
    start_controller
    select_nodes all
    power_on "${nodes[@]}"
    wait_for $idle_wait_s "not all nodes are idle" is_ready "${nodes[@]}"
    ;;
  restart)
    if [ -s "$state/jobs/slurmctld.pid" ]; then
      old=$(<"$state/jobs/slurmctld.pid")
      kill -TERM "$old" 2>/dev/null || true
      has_ended() { ! process_start "$old" >/dev/null; }
      wait_for 20 "slurmctld (process $old of the head) did not end" has_ended
    fi
    start_controller
    wait_for $idle_wait_s "slurmctld does not know all nodes" knows_all
    ;;
  exec)
    select_nodes "$1"
    [ ${#nodes[@]} = 1 ] || fail 2 "exec takes one node, not '$1'"
    if [ -e "$state/nodes/$1/group" ]; then echo 0 >"$(<"$state/nodes/$1/group")/cgroup.procs"; fi
    find_node "$1"
    exec nsenter --target "$pid" --net --uts --mount --ipc --pid --no-fork bash -c "$(<"$parts/arrive.sh")" arrive "$@"
    ;;
  status) print_status ;;
  *)
    select_nodes "$1"
    shift
    case $command in
      start)
        for node in "${nodes[@]}"; do
          if is_alive "$state/nodes/$node/init"; then fail 2 "$node runs already"; fi
        done
        # A machine takes longer to start than Slurm to notice that it is silent; this one does not, so Slurm is told that it is down.
        scontrol update "nodename=$(IFS=, && echo "${nodes[*]}")" state=down reason="its power was gone" >/dev/null 2>&1 || true
        since=$(date +%s)
        power_on "${nodes[@]}"
        for node in "${nodes[@]}"; do
          if [ -e "$state/nodes/$node/cut" ]; then continue; fi
          wait_for $idle_wait_s "Slurm does not hear of $node" has_registered "$node" "$since"
          wait_for $idle_wait_s "Slurm does not take $node back" is_ready "$node"
        done
        ;;
      kill) for node in "${nodes[@]}"; do power_off "$node"; done ;;
      cut | heal | shape | slow)
        for node in "${nodes[@]}"; do
          case $command in
            cut) touch "$state/nodes/$node/cut" ;;
            heal) rm -f "$state/nodes/$node/cut" ;;
            shape) echo "$1" >"$state/nodes/$node/rate" ;;
            slow) echo "$1" >"$state/nodes/$node/slow" ;;
          esac
          # What is asked of a node without power holds from its start on.
          if ! is_alive "$state/nodes/$node/init"; then continue; fi
          case $command in
            cut | heal) set_link "$node" ;;
            shape) set_rate "$node" ;;
            slow) set_brake "$node" ;;
          esac
        done
        ;;
      *) fail 2 "there is no command '$command' on the head" ;;
    esac
    ;;
esac
