#!/usr/bin/env bash
# Compares parameters after 100 steps with PyTorch's and writes results.md; it needs python3-torch. See compare.py beside this file.
set -Eeuo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python=${HPCTRAIN_BENCH_PYTHON:-/usr/bin/python3}
if ! "$python" -c 'import torch, numpy' 2>/dev/null; then
  printf 'bench/exactness: %s cannot import torch: install python3-torch, or set HPCTRAIN_BENCH_PYTHON to a Python that has it\n' "$python" >&2
  exit 4
fi
"$root/setup.sh" >&2
dotnet build "$root/bench/exactness/ExactnessBench.csproj" -c Release --nologo -v quiet >&2
if [ -z "${DOTNET_ROOT:-}" ] && dotnet=$(command -v dotnet); then DOTNET_ROOT=$(dirname "$(readlink -f "$dotnet")") && export DOTNET_ROOT; fi
exec "$python" "$root/bench/exactness/compare.py" "$root/artifacts/bin/ExactnessBench/release/ExactnessBench"
