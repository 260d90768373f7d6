#!/usr/bin/env bash
# The first process of the cluster, in namespaces of its own: the head, which holds the switch that the nodes are plugged into. It adopts
# and buries the processes that lose their parents. Usage: head.sh STATE, with standard input that says "up" when all is done.
set -Eeuo pipefail

state=$1
# The machine's /proc is still mounted: the numbers in it are the machine's.
read -r number _ </proc/self/stat
# shellcheck source=state.sh
. "$(dirname "${BASH_SOURCE[0]}")/state.sh"
identity="$number $(process_start "$number") $(</proc/sys/kernel/random/boot_id)"

# shellcheck source=own-files.sh
. "$(dirname "${BASH_SOURCE[0]}")/own-files.sh"
own_devices head
must "give the cluster its hosts file" mount --bind "$state/etc/hosts" /etc/hosts
if [ -d /etc/slurm ]; then must "give the cluster its slurm.conf" mount --bind "$state/etc" /etc/slurm; fi
must "make a bridge (does the kernel have the bridge module?)" ip link add switch type bridge
must "address the bridge" ip addr add "$(<"$state/etc/head-address")" dev switch
must "bring the bridge up" ip link set switch up

mkfifo "$state/never"
echo "$identity" >"$state/head.new"
mv "$state/head.new" "$state/head"
read -r word || word=
[ "$word" = up ] || exit 1
exec 0<>"$state/never" 7<&0
while :; do read -r _ <&7 || true; done
