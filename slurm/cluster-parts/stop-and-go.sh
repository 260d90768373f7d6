#!/usr/bin/env bash
# Slows a node, from inside its process namespace: of every 100 ms all its other processes run PERCENT and are stopped for the rest.
# Usage: stop-and-go.sh PERCENT FIFO, a pipe that nobody writes to: reading from it is a sleep that starts no process, which would be stopped too.
set -euo pipefail

percent=$1
exec 7<>"$2"
printf -v go_s "0.%03d" "$percent"
printf -v stop_s "0.%03d" $((100 - percent))
while :; do
  # -1: all but this one and the first
  kill -STOP -- -1 || true
  read -r -t "$stop_s" -u 7 _ || true
  kill -CONT -- -1 || true
  read -r -t "$go_s" -u 7 _ || true
done
