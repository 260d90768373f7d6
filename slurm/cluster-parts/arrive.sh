#!/usr/bin/env bash
# Runs a command of the user in a namespace just entered, in the folder that the user stands in. Usage: arrive.sh WHERE FOLDER COMMAND...
where=$1 folder=$2
shift 2
if ! cd "$folder" 2>/dev/null; then
  printf 'cluster: %s has no folder %s: the command starts in /\n' "$where" "$folder" >&2
  cd /
fi
exec "$@"
