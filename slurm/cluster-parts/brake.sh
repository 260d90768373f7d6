# Sourced by inside.sh: 'slow'. A node's processes together get at most a share of the time of the node's CPUs (of the machine's, if the node
# claims more). The kernel's control group for CPU time does it, version 1 or 2, in periods of 20 ms. Where no such group can be made (in many
# containers) a process of the node stops all others for a part of every 100 ms: coarser, and the stopped ones notice.
# shellcheck shell=bash
: "${state:?}" "${parts:?}" "${cgroup_roots?}"

readonly period_us=20000

make_group() { # make_group NODE: sets group and limit_file; fails where there is no control group to use
  local root
  for root in "${cgroup_roots[@]:0:2}"; do
    if [ ! -e "$root/cgroup.procs" ]; then continue; fi
    group=$root/$(cgroup_name)/$1 limit_file=cpu.cfs_quota_us
    if mkdir -p "$group" 2>/dev/null && [ -w "$group/$limit_file" ]; then return 0; fi
  done
  # Version 2, where its CPU controller is handed down already: handing it down ourselves would change the machine.
  root=${cgroup_roots[2]}
  if ! grep -qw cpu "$root/cgroup.subtree_control" 2>/dev/null; then return 1; fi
  group=$root/$(cgroup_name)/$1 limit_file=cpu.max
  mkdir -p "${group%/*}" 2>/dev/null && echo +cpu 2>/dev/null >"${group%/*}/cgroup.subtree_control" && mkdir -p "$group" && [ -w "$group/$limit_file" ]
}

move_into_group() { # move_into_group PID: all processes of the node whose first one it is, until none is left outside
  local space moved=1 process tries
  space=$(readlink "/proc/$1/ns/pid")
  for ((tries = 0; tries < 50 && moved > 0; tries++)); do
    moved=0
    for process in /proc/[0-9]*; do
      if [ "$(readlink "$process/ns/pid" 2>/dev/null)" != "$space" ] || grep -qx "${process#/proc/}" "$group/cgroup.procs"; then continue; fi
      if echo "${process#/proc/}" 2>/dev/null >"$group/cgroup.procs"; then moved=1; fi
    done
  done
}

set_brake() { # set_brake NODE
  local percent cpus machine quota_us pid='' group='' limit_file=''
  percent=$(<"$state/nodes/$1/slow") cpus=$(<"$state/etc/cpus") machine=$(nproc)
  if [ "$cpus" -gt "$machine" ]; then cpus=$machine; fi
  end_process "$state/nodes/$1/brake" "the process that slowed $1"
  is_alive "$state/nodes/$1/init"
  if make_group "$1"; then
    quota_us=$((period_us * cpus * percent / 100))
    if [ "$percent" = 100 ]; then quota_us=-1; fi
    # The kernel takes no quota below 1 ms.
    if [ "$percent" != 100 ] && [ $quota_us -lt 1000 ]; then quota_us=1000; fi
    if [ "$limit_file" = cpu.max ]; then
      echo "${quota_us/-1/max} $period_us" >"$group/$limit_file"
    else
      echo $period_us >"$group/cpu.cfs_period_us"
      echo $quota_us >"$group/$limit_file"
    fi
    move_into_group "$pid"
    echo "$group" >"$state/nodes/$1/group"
    return
  fi
  # shellcheck disable=SC2016
  nsenter --target "$pid" --pid bash -c 'kill -CONT -- -1' || true
  if [ "$percent" = 100 ]; then return; fi
  setsid nsenter --target "$pid" --pid setpriv --pdeathsig KILL bash "$parts/stop-and-go.sh" "$percent" "$state/never" \
    >>"$state/nodes/$1/boot.log" 2>&1 </dev/null &
  echo "$! $(process_start $!)" >"$state/nodes/$1/brake"
}
