# Sourced by cluster and by inside.sh: the state folder, and which processes are the cluster's. A process is named by its number and the time it
# started at, so that a number that another process got later is never taken for it.
#
#   cluster            marks the folder as ours: only then 'down' removes it
#   head               number and start of the head's first process, as the machine counts; the boot that they belong to
#   etc/  munge/       slurm.conf, hosts, keys; the socket of munged
#   nodes/NODE/        init: number and start of its first process, as the head counts; rate, cut, slow: what was asked of it; logs, spool
#   log/  jobs/        of slurmctld, munged and the head; what slurmctld remembers
#   bin/  shared/      sbatch, srun ... for 'env'; a folder for files that all nodes shall see
# shellcheck shell=bash
: "${state?}"

readonly lock_wait_s=60
fail() { # fail CODE SENTENCE
  printf 'cluster: %s\n' "$2" >&2
  exit "$1"
}
must() { # must WHAT COMMAND...
  local what=$1 words
  shift
  words=$("$@" 2>&1) || fail 4 "cannot $what: '$*' says: ${words//$'\n'/ }"
}

process_start() { # process_start PID: when it started, in ticks since the boot; fails when there is none, or only its corpse
  local line fields
  { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
  # The second field is a name in parentheses, which may hold anything.
  read -ra fields <<<"${line##*) }"
  if [ "${fields[0]}" = Z ] || [ "${fields[0]}" = X ]; then return 1; fi
  echo "${fields[19]}"
}
is_alive() { # is_alive FILE: whether the process that FILE tells of still runs; sets pid
  local start boot
  { read -r pid start boot <"$1"; } 2>/dev/null || return 1
  if [ -n "$boot" ] && [ "$boot" != "$(</proc/sys/kernel/random/boot_id)" ]; then return 1; fi
  [ "$(process_start "$pid")" = "$start" ]
}
end_process() { # end_process FILE WHAT: kills the process that FILE tells of and waits until it is gone
  local tries pid=
  if ! is_alive "$1"; then return 0; fi
  kill -KILL "$pid" || true
  for ((tries = 0; tries < 500; tries++)); do
    if ! is_alive "$1"; then return 0; fi
    sleep 0.02
  done
  fail 1 "$2 (process $pid) did not end in 10 s"
}

is_ours() { # or so new that it is still empty
  [ -d "$state" ] && [ ! -L "$state" ] && [ -O "$state" ] && { [ -e "$state/cluster" ] || [ -z "$(ls -A "$state")" ]; }
}
no_cluster() { fail 2 "there is no cluster in $state: start one by 'slurm/cluster up N', or name another by --name or --state"; }

lock_state() { # one command at a time; the lock is on the folder itself and goes with it
  is_ours || no_cluster
  exec 9<"$state"
  flock -w $lock_wait_s 9 || fail 1 "another command works on the cluster in $state for more than $lock_wait_s s"
  [ "$state" -ef /dev/fd/9 ] || no_cluster
}

find_head() { # sets head: the first process of the cluster
  is_ours || no_cluster
  local pid=
  is_alive "$state/head" || fail 2 "the cluster in $state has ended; 'slurm/cluster down' clears its folder away"
  # shellcheck disable=SC2034  # used by cluster
  head=$pid
}
# What comes before a command that shall run in the namespaces of a process, and end when whoever started it is killed.
entering() { # entering PID: sets into
  # shellcheck disable=SC2034  # used by cluster and inside.sh
  into=(nsenter --target "$1" --net --uts --mount --ipc --pid setpriv --pdeathsig KILL)
}

leave_path() { # takes the commands that lead into the cluster out of PATH: inside they would lead nowhere
  PATH=:$PATH:
  PATH=${PATH//:$state\/bin:/:}
  PATH=${PATH#:}
  PATH=${PATH%:}
}
user_environment() { # what commands of the user find
  export SLURM_CONF=$state/etc/slurm.conf SLURM_CLUSTER_SHARED=$state/shared
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
}

# With the first process of the head the kernel ends all others of the cluster, on all nodes, and with them go networks and mounts.
tear_down() {
  local root group tries
  end_process "$state/head" "the cluster's first process"
  for root in "${cgroup_roots[@]}"; do
    group=$root/$(cgroup_name)
    if [ ! -d "$group" ]; then continue; fi
    for ((tries = 0; tries < 100; tries++)); do
      if find "$group" -depth -type d -exec rmdir {} + 2>/dev/null; then break; fi
      sleep 0.02
    done
    [ ! -d "$group" ] || fail 1 "the control group $group cannot be removed"
  done
  rm -rf --one-file-system "$state"
}
# Of version 1, twice, and of version 2.
readonly cgroup_roots=(/sys/fs/cgroup/cpu '/sys/fs/cgroup/cpu,cpuacct' /sys/fs/cgroup)
cgroup_name() { # unique on this machine, and found again from the state folder alone
  echo "slurm-cluster$(tr -c 'A-Za-z0-9\n' - <<<"$state")"
}
