# Sourced by netns.sh and by ../netlab/netlab.sh: whether namespaces can be made here, and a script that runs in its own. They set `program`.
# shellcheck shell=bash
: "${program:?}"

readonly dpkg_lock_wait_s=300
fail() { # fail CODE SENTENCE
  printf '%s: %s\n' "$program" "$2" >&2
  exit "$1"
}

require_namespaces() {
  [ "$EUID" = 0 ] || fail 4 "making network namespaces needs root: run it with sudo"
  PATH=$PATH:/usr/sbin:/sbin
  has_tools() { command -v ip >/dev/null && command -v tc >/dev/null; }
  if ! has_tools && command -v apt-get >/dev/null; then
    DEBIAN_FRONTEND=noninteractive apt-get -q -o "DPkg::Lock::Timeout=$dpkg_lock_wait_s" install -y iproute2 </dev/null >/dev/null 2>&1 || true
  fi
  has_tools || fail 4 "ip and tc are missing, and apt does not install them: install the package iproute2"
  local tool
  for tool in unshare nsenter setpriv; do
    command -v $tool >/dev/null || fail 4 "$tool is missing: install the package util-linux"
  done
  unshare --net --mount --uts --ipc --pid --fork true 2>/dev/null ||
    fail 4 "this root may not make namespaces: is this a container without CAP_SYS_ADMIN?"
}

# All of the network lives inside one process namespace, whose first process is the script given. The kernel kills whatever is left in
# it when that process ends, and with the last process go networks and mounts: there is nothing to clean up. The script dies with
# `unshare` (--kill-child), which dies with this script (--pdeathsig), however that ends.
run_in_namespaces() { # run_in_namespaces SCRIPT ARGUMENTS...: ends with its exit code
  setpriv --pdeathsig KILL unshare --net --mount --uts --ipc --pid --fork --kill-child --mount-proc bash "$@" &
  local inside=$! signal code=0
  for signal in 1 2 15; do
    # shellcheck disable=SC2064  # the values as they are now
    trap "kill -KILL $inside || true; wait $inside 2>/dev/null || true; exit $((128 + signal))" $signal
  done
  wait $inside || code=$?
  exit $code
}
