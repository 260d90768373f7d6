#!/usr/bin/env bash
# The first process of a node, in namespaces of its own: when it is killed, the kernel kills all others of the node. It adopts and buries the
# processes that lose their parents. Usage: node.sh STATE NODE
set -Eeuo pipefail

state=$1 node=$2
# The head's /proc is still mounted: the numbers in it are the head's.
read -r number _ </proc/self/stat
# shellcheck source=state.sh
. "$(dirname "${BASH_SOURCE[0]}")/state.sh"
identity="$number $(process_start "$number")"

# shellcheck source=own-files.sh
. "$(dirname "${BASH_SOURCE[0]}")/own-files.sh"
own_devices "$node"
mapfile -t shares <"$state/etc/shares"
own_tmp "${shares[@]}"

echo "$identity" >"$state/nodes/$node/init.new"
mv "$state/nodes/$node/init.new" "$state/nodes/$node/init"
exec 7<>"$state/never"
while :; do read -r _ <&7 || true; done
