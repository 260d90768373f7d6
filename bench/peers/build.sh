#!/usr/bin/env bash
# Builds the peers into artifacts/peers/; installs what they need where it can. See usage() below.
set -Eeuo pipefail

usage() {
  cat <<'HELP'
Usage: bench/peers/build.sh [--no-install] [PEER...]

Builds artifacts/peers/PEER for each of the peers, or those named:

  gloo-peer          needs g++ and Gloo's headers (Debian's libgloo-dev)
  mpi-peer.openmpi   needs mpicc.openmpi (libopenmpi-dev)
  mpi-peer.mpich     needs mpicc.mpich (libmpich-dev)

As root on Debian missing packages are installed, unless --no-install says otherwise. What is up to date is left as it is.
CFLAGS and CXXFLAGS add flags to -O3. Exit codes: 0 all are built, 1 a build failed, 2 wrong usage, 4 something is missing
(the other peers are built).
HELP
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
out=$root/artifacts/peers
readonly here root out dpkg_lock_wait_s=300 known=(gloo-peer mpi-peer.openmpi mpi-peer.mpich)

install=yes peers=()
for word in "$@"; do
  case $word in
    --no-install) install=no ;;
    -h | --help) usage && exit 0 ;;
    *)
      if [[ " ${known[*]} " != *" $word "* ]]; then
        printf "build.sh: there is no peer '%s'; the peers are %s\n" "$word" "${known[*]}" >&2
        exit 2
      fi
      peers+=("$word")
      ;;
  esac
done
if [ ${#peers[@]} = 0 ]; then peers=("${known[@]}"); fi

has_needs() { # has_needs PEER
  case $1 in
    gloo-peer) command -v g++ gcc >/dev/null && [ -f /usr/include/gloo/allreduce.h ] ;;
    *) command -v "mpicc.${1#*.}" >/dev/null ;;
  esac
}

packages() { # packages PEER
  case $1 in
    gloo-peer) echo g++ libgloo-dev ;;
    mpi-peer.openmpi) echo gcc libopenmpi-dev openmpi-bin ;;
    mpi-peer.mpich) echo gcc libmpich-dev mpich ;;
  esac
}

install_packages() { # install_packages NAME...: refreshes apt's lists only when they do not do
  local apt=(apt-get -q -o "DPkg::Lock::Timeout=$dpkg_lock_wait_s")
  export DEBIAN_FRONTEND=noninteractive
  echo "installing $*"
  "${apt[@]}" install -y --no-install-recommends "$@" </dev/null >"$out/apt.log" 2>&1 && return
  "${apt[@]}" update </dev/null >"$out/apt.log" 2>&1 || true
  "${apt[@]}" install -y --no-install-recommends "$@" </dev/null >"$out/apt.log" 2>&1 || tail -n 5 "$out/apt.log" >&2
}

mkdir -p "$out"
absent=()
for peer in "${peers[@]}"; do
  if ! has_needs "$peer"; then
    read -ra names < <(packages "$peer")
    absent+=("${names[@]}")
  fi
done
if [ ${#absent[@]} -gt 0 ] && [ "$install" = yes ] && [ "$EUID" = 0 ] && command -v apt-get >/dev/null; then
  install_packages "${absent[@]}"
fi

build() { # build PEER
  local peer=$1 target=$out/$1 cc=gcc key work source
  local flags=(-std=gnu11 -O3 -Wall -Wextra) sources=("$here"/common/*.c)
  # shellcheck disable=SC2206  # extra flags are words
  flags+=(${CFLAGS:-})
  if [ "$peer" != gloo-peer ]; then
    cc=mpicc.${peer#*.}
    sources+=("$here"/mpi/*.c)
  fi
  key=$({
    "$cc" --version | head -n 1
    echo "${flags[*]} ${CXXFLAGS:-}"
    cat "$here/build.sh" "$here"/common/* "$here/${peer%%-*}"/*.[ch]*
    stat -L -c '%s %Y' /usr/lib/libgloo.so 2>/dev/null || true
  } | sha256sum | cut -d' ' -f1)
  if [ -x "$target" ] && [ "$(cat "$target.stamp" 2>/dev/null)" = "$key" ]; then
    echo "$peer is up to date"
    return
  fi
  work=$(mktemp -d "$out/.build.XXXXXX")
  # shellcheck disable=SC2064  # the folder as it is named now
  trap "rm -rf '$work'" EXIT
  for source in "${sources[@]}"; do
    "$cc" "${flags[@]}" -c "$source" -o "$work/$(basename "$source" .c).o"
  done
  if [ "$peer" = gloo-peer ]; then
    # shellcheck disable=SC2086  # extra flags are words
    g++ -std=c++17 -O3 -Wall -Wextra ${CXXFLAGS:-} "$here"/gloo/*.cc "$work"/*.o -lgloo -o "$work/peer"
  else
    "$cc" "$work"/*.o -o "$work/peer"
  fi
  # Renamed into place: a process that runs the old one keeps it.
  mv -f "$work/peer" "$target"
  rm -rf "$work"
  trap - EXIT
  echo "$key" >"$target.stamp"
  echo "built $target"
}

code=0
for peer in "${peers[@]}"; do
  if has_needs "$peer"; then
    build "$peer"
  else
    echo "build.sh: $peer cannot be built here: as root, apt-get install $(packages "$peer")" >&2
    code=4
  fi
done
exit $code
