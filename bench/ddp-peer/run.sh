#!/usr/bin/env bash
# Compares HpcTrain with PyTorch DDP (gloo) on this machine; see run.sh --help and README.md beside this file.
set -Eeuo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Debian's python3-torch runs on the same libtorch as HpcTrain; it belongs to the system's Python.
python=${HPCTRAIN_BENCH_PYTHON:-/usr/bin/python3}
if ! "$python" -c 'import torch.distributed, numpy' 2>/dev/null; then
  printf 'bench/ddp-peer: %s cannot import torch: install python3-torch, or set HPCTRAIN_BENCH_PYTHON to a Python that has it\n' "$python" >&2
  exit 4
fi
case " $* " in
  *" --help "* | *" -h "*) ;;
  *)
    "$root/setup.sh" >&2
    case " $* " in
      *" --data "*) ;;
      *) HPCTRAIN_DATA=$root/data "$root/jobs/FashionMnist/data.sh" "$root/artifacts/bin/hpctrain" >&2 ;;
    esac
    ;;
esac
exec "$python" "$root/bench/ddp-peer/compare.py" "$@"
