# Sourced by head.sh and node.sh, in new namespaces: a machine's own view of itself.
# shellcheck shell=bash

own_devices() { # own_devices HOSTNAME: its name, processes, network devices and shared memory
  must "name a machine" hostname "$1"
  must "mount a /dev/shm" mount -t tmpfs tmpfs /dev/shm
  # A new /sys shows the machine's own network devices, but no control groups, without which slurmd does not start: they move over.
  if [ -d /sys/fs/cgroup ]; then
    mkdir /dev/shm/cgroup
    must "keep the control groups" mount --rbind /sys/fs/cgroup /dev/shm/cgroup
  fi
  must "mount a /sys" mount -t sysfs sysfs /sys
  if [ -d /dev/shm/cgroup ]; then
    must "put the control groups back" mount --rbind /dev/shm/cgroup /sys/fs/cgroup
    umount -R -l /dev/shm/cgroup
    rmdir /dev/shm/cgroup
  fi
  must "mount a /proc" mount -t proc proc /proc
  must "bring the loopback up" ip link set lo up
}

own_tmp() { # own_tmp FOLDER...: an empty /tmp in which only these folders are seen, those of the machine
  local folder number=0
  mkdir /dev/shm/kept
  for folder in "$@"; do
    number=$((number + 1))
    mkdir "/dev/shm/kept/$number"
    must "keep $folder" mount --bind "$folder" "/dev/shm/kept/$number"
  done
  must "mount a /tmp" mount -t tmpfs -o mode=1777 tmpfs /tmp
  number=0
  for folder in "$@"; do
    number=$((number + 1))
    mkdir -p "$folder"
    must "show $folder" mount --bind "/dev/shm/kept/$number" "$folder"
    umount -l "/dev/shm/kept/$number"
    rmdir "/dev/shm/kept/$number"
  done
  rmdir /dev/shm/kept
}
