#!/usr/bin/env bash
# What mpirun takes for ssh: runs a command in the node that has the address. Usage: enter.sh [-OPTION...] ADDRESS COMMAND...
set -euo pipefail

while [[ ${1-} == -* ]]; do shift; done
address=$1
shift
for node in $NETNS_NODES; do
  if [ "${node%=*}" = "$address" ]; then
    # Like ssh it hands one line to a shell. A mount namespace is entered at its root: back to the folder.
    exec nsenter --target "${node#*=}" --net --uts --mount --ipc sh -c "cd $(printf %q "$PWD") && $*"
  fi
done
printf 'netns: no node has the address %s\n' "$address" >&2
exit 4
