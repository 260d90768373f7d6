# Sourced by cluster: 'up'. All or nothing: the head reads from this script until everything runs, and ends with the script before that.
# shellcheck shell=bash
: "${state:?}" "${parts:?}" "${self:?}" "${name:?}" "${most_nodes:?}"
# shellcheck source=configuration.sh
. "$parts/configuration.sh"

readonly head_wait_s=10

require_tools() {
  local tool
  for tool in unshare nsenter setpriv setsid flock mount; do
    command -v $tool >/dev/null || fail 4 "$tool is missing: install the package util-linux"
  done
  { command -v ip && command -v tc; } >/dev/null || fail 4 "ip and tc are missing: install the package iproute2"
  for tool in slurmctld slurmd munged srun; do
    command -v $tool >/dev/null || fail 4 "$tool is missing: './setup.sh --cluster' installs Slurm and munge, without starting any of them"
  done
  unshare --net --mount --uts --ipc --pid --fork true 2>/dev/null ||
    fail 4 "this root may not make namespaces: is this a container without CAP_SYS_ADMIN?"
}

make_state() { # the folder, locked; what a crash left there is cleared away
  local tries
  for tries in 1 2; do
    if mkdir -m 755 "$state" 2>/dev/null; then
      exec 9<"$state"
      flock -n 9 || fail 2 "another 'up' makes $state just now"
      touch "$state/cluster"
      return
    fi
    is_ours || fail 2 "$state cannot become the state folder: $([ -e "$state" ] && echo "it exists, and no cluster made it" || echo "it cannot be made")"
    if is_alive "$state/head"; then fail 2 "the cluster in $state is up already: use it, or end it by 'slurm/cluster down'"; fi
    lock_state
    if is_alive "$state/head"; then fail 2 "the cluster in $state is up already: use it, or end it by 'slurm/cluster down'"; fi
    tear_down
    exec 9<&-
  done
  fail 2 "another 'up' makes $state just now"
}

show_logs() { # the last words of those who may know why
  local log
  for log in "$state"/log/*.log "$state"/nodes/*/*.log; do
    if [ -s "$log" ]; then tail -n 5 "$log" | sed "s|^|  ${log#"$state"/}: |" >&2; fi
  done
}

give_up() { # give_up CODE: when the script ends before all is done
  if [ "$1" = 0 ]; then return; fi
  show_logs
  (tear_down) || true
}

up() {
  local count=${1-} cpus gpus=0 requeue_wait=10 shares=() extra=''
  cpus=$(nproc)
  [ -n "$count" ] || usage_of "up N"
  [[ $count =~ ^[1-9][0-9]*$ && $count -le $most_nodes ]] || fail 2 "up takes a number of nodes from 1 to $most_nodes, not '$count'"
  shift
  while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || fail 2 "'$1' is no option with a value; the options of up are --cpus, --gpus, --requeue-wait, --share, --conf"
    case $1 in
      --cpus | --gpus | --requeue-wait)
        [[ $2 =~ ^[1-9][0-9]{0,3}$ ]] || fail 2 "$1 takes a number from 1 to 9999, not '$2'"
        case $1 in --cpus) cpus=$2 ;; --gpus) gpus=$2 ;; *) requeue_wait=$2 ;; esac
        ;;
      --share)
        [[ $2 = /tmp/* && -d $2 ]] || fail 2 "--share takes a folder below /tmp, not '$2': nodes see all other folders anyway"
        shares+=("$(readlink -f "$2")")
        ;;
      --conf)
        [ -r "$2" ] || fail 2 "--conf takes a file with lines for slurm.conf; there is no '$2'"
        extra=$(<"$2")
        ;;
      *) fail 2 "there is no option '$1'; the options of up are --cpus, --gpus, --requeue-wait, --share, --conf" ;;
    esac
    shift 2
  done
  require_tools
  make_state
  trap 'give_up $?' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  write_configuration "$count" "$cpus" "$gpus" "$requeue_wait" "$extra"
  printf '%s\n' "$state" "${shares[@]}" >"$state/etc/shares"

  exec 8> >(exec setsid unshare --net --mount --uts --ipc --pid --fork --kill-child bash "$parts/head.sh" "$state" >"$state/log/head.log" 2>&1 9>&-)
  local first=$! tries
  for ((tries = 0; tries < head_wait_s * 50; tries++)); do
    if [ -e "$state/head" ] || ! process_start $first >/dev/null; then break; fi
    sleep 0.02
  done
  [ -e "$state/head" ] || fail 4 "the head of the cluster did not start"
  find_head
  inside up "$count"
  echo up >&8
  exec 8>&-
  trap - EXIT
}
