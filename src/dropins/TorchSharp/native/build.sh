#!/usr/bin/env bash
# Builds artifacts/native/libtorchsharp_dropin.so, the shim between the TorchSharp drop-in and libtorch.
# Does nothing when the sources, the flags, the compiler and libtorch are those of the last build.
#
#   HPCTRAIN_LIBTORCH  prefix of a libtorch (with include/ and lib/); default: the system's (Debian's libtorch-dev)
#   CXX, CXXFLAGS      compiler (default g++) and extra flags
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../../.." && pwd)
out=${1:-$root/artifacts/native}
library=$out/libtorchsharp_dropin.so
stamp=$library.stamp
cxx=${CXX:-g++}

if [ -n "${HPCTRAIN_LIBTORCH:-}" ]; then
  prefix=$HPCTRAIN_LIBTORCH
  include=$prefix/include
  lib=$prefix/lib
else
  prefix=/usr
  include=/usr/include
  lib=$(dirname "$(ls /usr/lib/*/libtorch_cpu.so /usr/lib64/libtorch_cpu.so /usr/lib/libtorch_cpu.so 2>/dev/null | head -1)" 2>/dev/null || true)
fi
if [ ! -f "$include/torch/csrc/autograd/autograd.h" ] || [ ! -e "$lib/libtorch_cpu.so" ]; then
  echo "native/build.sh: no libtorch with headers under $prefix: install libtorch-dev, or set HPCTRAIN_LIBTORCH to a libtorch prefix" >&2
  exit 1
fi

flags=(-std=c++17 -O3 -fno-math-errno -fopenmp -fPIC -fvisibility=hidden -Wall -Wextra -isystem "$include/torch/csrc/api/include")
# The compiler searches /usr/include by itself; naming it would break the order of the C++ headers.
if [ "$include" != /usr/include ]; then flags+=(-isystem "$include"); fi
# A libtorch from pytorch.org before 2.6 was built with the old C++ ABI, which its link symbols show.
if [ "$prefix" != /usr ] && ! nm -DC --defined-only "$lib/libc10.so" | grep -q '__cxx11'; then
  flags+=(-D_GLIBCXX_USE_CXX11_ABI=0)
fi
# shellcheck disable=SC2206  # extra flags are words
flags+=(${CXXFLAGS:-})
link=(-shared -fopenmp -L"$lib" -Wl,-rpath,"$lib" -Wl,-z,defs -ltorch_cpu -lc10)

# libtorch enters by its version header and its library's size and time: hashing hundreds of MB would take a second.
key=$(
  {
    "$cxx" --version | head -1
    printf '%s\n' "${flags[@]}" "${link[@]}"
    cat "$here"/*.cpp "$here"/*.h "$here"/build.sh "$include"/torch/csrc/api/include/torch/version.h 2>/dev/null
    stat -L -c '%s %Y' "$lib/libtorch_cpu.so"
  } | sha256sum | cut -d' ' -f1
)
if [ -f "$library" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$key" ]; then
  touch "$stamp"
  echo "libtorch shim is up to date: $library"
  exit 0
fi

mkdir -p "$out"
work=$(mktemp -d "$out/.shim.XXXXXX")
trap 'rm -rf "$work"' EXIT
jobs=()
for source in "$here"/*.cpp; do
  "$cxx" "${flags[@]}" -c "$source" -o "$work/$(basename "$source" .cpp).o" &
  jobs+=($!)
done
for job in "${jobs[@]}"; do wait "$job"; done
"$cxx" "$work"/*.o "${link[@]}" -o "$work/shim.so"
# Renamed into place: a process that has the old library open keeps it.
mv -f "$work/shim.so" "$library"
printf '%s\n' "$key" > "$stamp"
echo "built the libtorch shim: $library"
