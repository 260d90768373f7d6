# Sourced by up.sh: the files of the cluster. One unknown key in slurm.conf makes every command of Slurm fail, so there is nothing here that
# Slurm 22.05 to 24 would not know.
# shellcheck shell=bash
: "${state:?}" "${self:?}" "${name:?}"

readonly subnet=10.88.0 head_address=10.88.0.254 prefix_bits=24
readonly commands_of_slurm='sacct salloc sattach sbatch sbcast scancel scontrol sdiag sinfo sprio squeue srun sshare sstat strigger'

write_configuration() { # write_configuration NODES CPUS GPUS REQUEUE_WAIT_S EXTRA_LINES
  local nodes="node[1-$1]" command gres='' memory_mb mpi=none
  mkdir -m 755 "$state"/{etc,munge,nodes,log,jobs,bin,shared,gpus}
  chmod 1777 "$state/shared"
  memory_mb=$(awk '$1 == "MemTotal:" { print int($2 / 1024) }' /proc/meminfo)
  echo "$head_address/$prefix_bits" >"$state/etc/head-address"
  echo "$2" >"$state/etc/cpus"
  {
    printf '127.0.0.1 localhost\n%s head\n' "$head_address"
    for ((number = 1; number <= $1; number++)); do
      echo "$subnet.$number node$number"
      mkdir "$state/nodes/node$number"
    done
  } >"$state/etc/hosts"
  (umask 077 && head -c 1024 /dev/urandom >"$state/etc/munge.key")
  echo "SwitchName=switch Nodes=$nodes" >"$state/etc/topology.conf"
  echo "CgroupPlugin=autodetect" >"$state/etc/cgroup.conf"
  if [ "$3" -gt 0 ]; then
    gres="Gres=gpu:$3"
    # Slurm wants devices; these are the null device by another name.
    for ((number = 0; number < $3; number++)); do must "make a pretended GPU" mknod "$state/gpus/gpu$number" c 1 3; done
    echo "NodeName=$nodes Name=gpu File=$state/gpus/gpu[0-$(($3 - 1))]" >"$state/etc/gres.conf"
  fi
  # Slurm's plugin for PMIx opens libpmix.so by that name.
  if ldconfig -p | grep -qF 'libpmix.so (' || [ -e /usr/lib64/libpmix.so ] || compgen -G '/usr/lib/*-linux-gnu/libpmix.so' >/dev/null; then
    mpi=pmix
  else
    echo "cluster: there is no libpmix.so: 'srun --mpi=pmix', which Open MPI needs, will not work; install the package libpmix-dev" >&2
  fi

  cat >"$state/etc/slurm.conf" <<CONF
ClusterName=$name
SlurmctldHost=head($head_address)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
# A requeued job waits for as long as a credential is valid.
AuthInfo=socket=$state/munge/socket,cred_expire=$4

StateSaveLocation=$state/jobs
SlurmctldPidFile=$state/jobs/slurmctld.pid
SlurmctldLogFile=$state/log/slurmctld.log
SlurmdSpoolDir=$state/nodes/%n/spool
SlurmdPidFile=$state/nodes/%n/slurmd.pid
SlurmdLogFile=$state/nodes/%n/slurmd.log
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$state/log/finished-jobs.txt
MinJobAge=3600

ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=$mpi
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
TopologyPlugin=topology/tree
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_min_interval=100000

# A node is told dead after 10 s, a job ends when a rank of it does, and what is stopped gets 10 s to end.
SlurmdTimeout=10
MessageTimeout=5
ReturnToService=2
KillOnBadExit=1
KillWait=10
JobRequeue=1
RequeueExit=75
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmctldParameters=preempt_send_user_signal

${gres:+GresTypes=gpu}
NodeName=$nodes NodeAddr=$subnet.[1-$1] CPUs=$2 RealMemory=$memory_mb $gres State=UNKNOWN
PartitionName=batch Nodes=$nodes Default=YES MaxTime=INFINITE PriorityTier=10 PreemptMode=OFF
# Jobs of batch take the nodes of those in offpeak, which get their signal and 20 s, and go back into the queue.
PartitionName=offpeak Nodes=$nodes MaxTime=INFINITE PriorityTier=1 PreemptMode=REQUEUE GraceTime=20
$5
CONF
  for command in $commands_of_slurm; do
    if ! type -P "$command" >/dev/null; then continue; fi
    printf '#!/bin/sh\nexec %q --state %q run %q "$@"\n' "$self" "$state" "$(type -P "$command")" >"$state/bin/$command"
    chmod +x "$state/bin/$command"
  done
}
