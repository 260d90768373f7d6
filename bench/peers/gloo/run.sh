#!/usr/bin/env bash
# Builds gloo-peer if needed and runs it with your options: bench/peers/gloo/run.sh --ranks 4 -b 8 -e 64M
set -Eeuo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
"$root/bench/peers/build.sh" gloo-peer >&2
exec "$root/artifacts/peers/gloo-peer" "$@"
