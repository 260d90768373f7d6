#!/usr/bin/env bash
# Runs a command of the user in namespaces just entered, in the folder that the user stands in. Usage: arrive.sh WHERE FOLDER COMMAND...
where=$1 folder=$2
shift 2
if ! cd "$folder" 2>/dev/null; then
  printf 'cluster: %s has no folder %s: the command starts in /\n' "$where" "$folder" >&2
  cd /
fi
if [ "$where" = head ]; then exec "$@"; fi
# Here only children are in the node's process namespace. What bash itself would say about one that a signal ends is not for the user.
exec 3>&2 2>/dev/null
setpriv --pdeathsig KILL "$@" 2>&3 3>&-
exit $?
