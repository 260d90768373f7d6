#!/usr/bin/env bash
# Set-up of HpcTrain: installs what is missing, builds everything in Release. See usage() below.
set -Eeuo pipefail
shopt -s inherit_errexit

usage() {
  cat <<'HELP'
Usage: ./setup.sh [--no-install] [--tests] [--cluster] [--help]

Makes this folder ready: installs the libraries that are missing, builds the shim over libtorch, the solution and the
programs. Afterwards artifacts/bin/hpctrain and one program per job (artifacts/bin/fashion-mnist) stand there.
Run it as often as you like: when nothing is missing and no source changed it says so and ends at once.

  --no-install  install nothing; say what is missing and how to point at it
  --tests       install what only the tests need, too: h5py, and what --cluster installs
  --cluster     install what slurm/cluster needs, too: Slurm and munge, none of whose daemons is started on this machine
  --help        this text

On Debian and its relatives, as root or with sudo, packages come through apt. Only apt runs as root: what is built
belongs to you, also under 'sudo ./setup.sh'. Anywhere else, and on a cluster without root, nothing is installed; load
the modules of your site, and name what is not found by itself:

  HPCTRAIN_MPI_LIB    the MPI library: .../libmpi.so.40 (Open MPI), .../libmpich.so.12, .../libmpi.so.12 (MPICH, Intel
                      MPI, MVAPICH) or .../libmpi_abi.so.1
  HPCTRAIN_MPIRUN     the mpirun that belongs to it, when the one in PATH does not
  HPCTRAIN_HDF5_LIB   the HDF5 library, serial: .../libhdf5.so or .../libhdf5_serial.so.103
  HPCTRAIN_LIBTORCH   a libtorch folder with include/ and lib/ (from pytorch.org, or site-packages/torch of PyTorch)
  CXX                 the C++17 compiler for the shim; default g++
  DOTNET_ROOT         the folder of the .NET 10 SDK, when 'dotnet' is not in PATH

Keep them set when you run jobs. Exit codes: 0 ready, 1 a build failed, 2 wrong usage, 4 something is missing.
HELP
}

readonly lock_wait_s=900 dpkg_lock_wait_s=300
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$root"

say() { printf '%s\n' "$*"; }
fail() { # fail CODE SENTENCE...
  local code=$1
  shift
  printf 'setup: %s\n' "$*" >&2
  exit "$code"
}

trap 'printf "setup: stopped unexpectedly at line %s: %s\n" "$LINENO" "$BASH_COMMAND" >&2' ERR

install=yes with_tests=no with_cluster=no
for word in "$@"; do
  case $word in
    --no-install) install=no ;;
    --tests) with_tests=yes with_cluster=yes ;;
    --cluster) with_cluster=yes ;;
    -h | --help) usage && exit 0 ;;
    *) fail 2 "there is no option '$word'; the options are --no-install, --tests, --cluster, --help" ;;
  esac
done

# ---- What there is ----------------------------------------------------------------------------------------------

# Every library in the loader's cache, one per line: name (kind) => path.
library_cache() { PATH=$PATH:/sbin:/usr/sbin; ldconfig -p 2>/dev/null || true; }

has_library() { # has_library NAME: whether the loader finds it, in its cache or through LD_LIBRARY_PATH
  if grep -qF -- "	$1 (" <<<"$(library_cache)"; then return 0; fi
  local folder
  while IFS= read -r -d : folder; do
    if [ -n "$folder" ] && [ -e "$folder/$1" ]; then return 0; fi
  done <<<"${LD_LIBRARY_PATH:-}:"
  return 1
}

has_command() { command -v "$1" >/dev/null 2>&1; }

has_commands() { # has_commands NAME...: all of them, also where only administrators look
  local name
  for name in "$@"; do
    if ! has_command "$name" && [ ! -x "/usr/sbin/$name" ] && [ ! -x "/sbin/$name" ]; then return 1; fi
  done
}

find_dotnet() { # puts the .NET SDK in PATH where it is installed but not in PATH
  if has_command dotnet; then return 0; fi
  local folder
  for folder in "${DOTNET_ROOT:-}" "$HOME/.dotnet" /usr/share/dotnet /usr/lib/dotnet /usr/local/share/dotnet; do
    if [ -n "$folder" ] && [ -x "$folder/dotnet" ]; then
      export PATH=$folder:$PATH DOTNET_ROOT=$folder
      return 0
    fi
  done
  return 1
}

dotnet_sdks() { # one version per line
  local folder
  folder=$(dirname "$(readlink -f "$(command -v dotnet)")")/sdk
  if [ -d "$folder" ]; then ls "$folder"; else dotnet --list-sdks | cut -d' ' -f1; fi
}

libtorch_library() {
  if [ -n "${HPCTRAIN_LIBTORCH:-}" ]; then
    ls "$HPCTRAIN_LIBTORCH/lib/libtorch_cpu.so" 2>/dev/null
  else
    find /usr/lib /usr/lib64 -maxdepth 2 -name libtorch_cpu.so 2>/dev/null | head -1
  fi
}

# has NAME: whether a need is met, here and now.
has() {
  case $1 in
    dotnet) find_dotnet && grep -qE '^[1-9][0-9]+\.' <<<"$(dotnet_sdks)" ;;
    openmpi) has_library libmpi.so.40 && has_command mpirun.openmpi ;;
    mpich) has_library libmpich.so.12 && has_command mpirun.mpich ;;
    mpi)
      if [ -n "${HPCTRAIN_MPI_LIB:-}" ]; then [ -e "$HPCTRAIN_MPI_LIB" ]; else
        has_library libmpi.so.40 || has_library libmpich.so.12 || has_library libmpi.so.12 || has_library libmpi_abi.so.1
      fi
      ;;
    launcher) [ -n "${HPCTRAIN_MPIRUN:-}" ] || has_command mpirun || has_command mpiexec || has_command mpirun.openmpi || has_command mpirun.mpich || has_command srun ;;
    hdf5)
      if [ -n "${HPCTRAIN_HDF5_LIB:-}" ]; then [ -e "$HPCTRAIN_HDF5_LIB" ]; else
        grep -qE '\slibhdf5(_serial)?\.so(\.[0-9]+)* ' <<<"$(library_cache)" || has_library libhdf5.so
      fi
      ;;
    h5dump) has_command h5dump ;;
    libtorch)
      [ -n "$(libtorch_library)" ] &&
        [ -f "${HPCTRAIN_LIBTORCH:-/usr}/include/torch/csrc/autograd/autograd.h" ]
      ;;
    blas) [ -n "${HPCTRAIN_LIBTORCH:-}" ] || has_library libopenblas.so.0 ;;
    compiler) has_command "${CXX:-g++}" ;;
    certificates) [ -s /etc/ssl/certs/ca-certificates.crt ] || [ -s /etc/pki/tls/certs/ca-bundle.crt ] ;;
    dataset) [ -s /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz ] ;;
    slurm) has_commands slurmctld slurmd srun munged ;;
    pmix) [ -e /usr/lib64/libpmix.so ] || compgen -G '/usr/lib/*-linux-gnu/libpmix.so' >/dev/null ;;
    namespaces) has_commands ip tc ;;
    h5py) [ -d /usr/lib/python3/dist-packages/h5py ] || python3 -c 'import h5py' >/dev/null 2>&1 ;;
  esac
}

# What to say about a need that is not met and cannot be installed from here.
advice() {
  case $1 in
    dotnet) say ".NET SDK 10 is missing: install it from https://dot.net (dotnet-install.sh --channel 10.0 needs no root), then put 'dotnet' in PATH or set DOTNET_ROOT" ;;
    mpi) say "an MPI library is missing${HPCTRAIN_MPI_LIB:+ (HPCTRAIN_MPI_LIB names $HPCTRAIN_MPI_LIB, which does not exist)}: load your site's MPI module or set HPCTRAIN_MPI_LIB to its libmpi.so.40 or libmpi.so.12" ;;
    launcher) say "a launcher is missing: neither mpirun nor srun is in PATH; load your site's MPI module or set HPCTRAIN_MPIRUN" ;;
    hdf5) say "the HDF5 library is missing${HPCTRAIN_HDF5_LIB:+ (HPCTRAIN_HDF5_LIB names $HPCTRAIN_HDF5_LIB, which does not exist)}: load your site's HDF5 module (serial) or set HPCTRAIN_HDF5_LIB to its libhdf5.so" ;;
    libtorch) say "libtorch with its headers is missing${HPCTRAIN_LIBTORCH:+ (HPCTRAIN_LIBTORCH names $HPCTRAIN_LIBTORCH, which lacks lib/libtorch_cpu.so or include/torch)}: set HPCTRAIN_LIBTORCH to a libtorch folder, or to .../site-packages/torch of a PyTorch installation" ;;
    compiler) say "a C++17 compiler is missing ('${CXX:-g++}' is not in PATH): load a compiler module or set CXX" ;;
    dataset) say "note: Fashion-MNIST is not in /usr/share/datasets/fashion-mnist (Debian's dataset-fashion-mnist); its job needs the four .gz files from elsewhere" ;;
    slurm) say "note: slurmctld, slurmd, srun or munged is missing, which slurm/cluster and its tests need" ;;
    pmix) say "note: libpmix.so is missing: 'srun --mpi=pmix' in slurm/cluster needs it" ;;
    namespaces) say "note: ip or tc is missing (iproute2), which slurm/cluster and its tests need" ;;
    h5py) say "note: python3 has no h5py; tests that compare with it are skipped" ;;
  esac
}

# Debian's packages for a need; a|b: the first that this release has. None for a library that is named explicitly.
packages() {
  case $1 in
    openmpi) say openmpi-bin 'libopenmpi3|libopenmpi3t64|libopenmpi40' ;;
    mpich) say mpich 'libmpich12|libmpich12t64' ;;
    hdf5) [ -n "${HPCTRAIN_HDF5_LIB:-}" ] || say 'libhdf5-103-1|libhdf5-103-1t64|libhdf5-310' ;;
    h5dump) say hdf5-tools ;;
    libtorch) [ -n "${HPCTRAIN_LIBTORCH:-}" ] || say libtorch-dev ;;
    blas) say libopenblas0-pthread ;;
    compiler) say g++ ;;
    certificates) say ca-certificates ;;
    dataset) say dataset-fashion-mnist ;;
    slurm) say slurmctld slurmd slurm-client munge ;;
    pmix) say libpmix-dev ;;
    namespaces) say iproute2 ;;
    h5py) say python3-h5py ;;
  esac
}

unmet() { # unmet NEED...: those that are not met
  local need
  for need in "$@"; do
    if ! has "$need"; then say "$need"; fi
  done
}

# ---- Installing -------------------------------------------------------------------------------------------------

as_root() { if [ "$EUID" = 0 ]; then "$@"; else sudo "$@"; fi; }

can_install() {
  [ "$install" = yes ] && has_command apt-get || return 1
  if [ "$EUID" = 0 ]; then return 0; fi
  # Without a terminal sudo cannot ask for a password: it must work without one.
  has_command sudo && { sudo -n true 2>/dev/null || { [ -t 0 ] && [ -t 2 ]; }; }
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=$dpkg_lock_wait_s "$@"; }

candidates() { # candidates WORD...: for each "a|b" the first that apt can install; fails when there is none
  local word name found
  for word in "$@"; do
    found=
    for name in ${word//|/ }; do
      if grep -q 'Candidate: [^(]' <<<"$(apt-cache policy "$name" 2>/dev/null)"; then found=$name && break; fi
    done
    if [ -z "$found" ]; then return 1; fi
    say "$found"
  done
}

# Debian starts the daemons of a package that it installs, unless this file says no. A file that is there already is the machine's own.
readonly policy=/usr/sbin/policy-rc.d
deny_daemons() {
  if [ -e $policy ]; then return 0; fi
  printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null && as_root chmod 755 $policy && denied=yes
}
allow_daemons() { if [ "$denied" = yes ]; then as_root rm -f $policy && denied=no; fi; }
denied=no

install_packages() { # install_packages WORD...: in one call; refreshes apt's lists only when they do not do
  local log names tries
  log=$(mktemp)
  # shellcheck disable=SC2064  # the name as it is now
  trap "rm -f '$log'; allow_daemons" EXIT
  if [ "$with_cluster" = yes ]; then deny_daemons; fi
  for tries in 1 2; do
    if names=$(candidates "$@"); then
      say "Installing ${names//$'\n'/ } ..."
      # shellcheck disable=SC2086  # one word per package
      if apt install -y --no-install-recommends $names >"$log" 2>&1 </dev/null; then
        allow_daemons
        return 0
      fi
    fi
    if [ "$tries" = 1 ]; then
      say "Refreshing the package lists ..."
      apt update >"$log" 2>&1 </dev/null || true
    fi
  done
  tail -n 15 "$log" >&2
  return 1
}

wanted=(openmpi mpich hdf5 h5dump libtorch blas compiler certificates dataset)
if [ -n "${HPCTRAIN_MPI_LIB:-}" ]; then wanted=("${wanted[@]:2}"); fi
if [ "$with_tests" = yes ]; then wanted+=(h5py); fi
if [ "$with_cluster" = yes ]; then wanted+=(slurm pmix namespaces); fi

absent=$(unmet "${wanted[@]}")
if [ -n "$absent" ] && can_install; then
  # shellcheck disable=SC2046  # one word per package
  set -- $(for need in $absent; do packages "$need"; done)
  if [ $# -gt 0 ] && ! install_packages "$@"; then
    say "setup: apt could not install everything (its last words are above)" >&2
  fi
  absent=$(unmet "${wanted[@]}")
fi

required=$(unmet dotnet mpi launcher hdf5 libtorch compiler)
for need in $absent $required; do advice "$need"; done | sort -u >&2
if [ -n "$absent" ] && has_command apt-get && ! can_install; then
  # shellcheck disable=SC2046  # one word per package
  names=$(candidates $(for need in $absent; do packages "$need"; done) 2>/dev/null | paste -sd' ') || names=
  if [ -n "$names" ]; then say "with root rights: apt-get install $names" >&2; fi
fi
if [ -n "$required" ]; then
  fail 4 "not ready: install what is named above, or see ./setup.sh --help for how to point at it"
fi

# ---- Building ---------------------------------------------------------------------------------------------------

# What is built belongs to the user: 'sudo ./setup.sh' continues as the one who called sudo.
if [ "$EUID" = 0 ] && [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ] && runuser -u "$SUDO_USER" -- test -w "$root"; then
  home=$(getent passwd "$SUDO_USER" | cut -d: -f6)
  exec runuser -u "$SUDO_USER" -- env -u SUDO_USER HOME="$home" "$root/setup.sh" --no-install
fi

readonly stamp=artifacts/.setup-stamp log=artifacts/setup.log

programs() { # one line per program: name in artifacts/bin, project, its executable
  say hpctrain src/HpcTrain.Cli artifacts/publish/HpcTrain.Cli/release/hpctrain
  local project name
  for project in jobs/*/*.csproj; do
    name=$(basename "$project" .csproj)
    say "$(sed -E 's/([a-z0-9])([A-Z])/\1-\2/g; s/.*/\L&/' <<<"$name")" "$(dirname "$project")" \
      "artifacts/publish/$name/release/$name"
  done
}

# What the build depends on: every source by its content, and the tools and libraries by version or by size and time.
fingerprint() {
  {
    find src jobs tests bench ./*.props ./*.targets ./*.sln .editorconfig setup.sh \( -path bench/peers -o -path bench/network -o -path bench/results \) -prune \
      -o -type f ! -name '*.md' ! -path '*/__pycache__/*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
    command -v dotnet
    dotnet_sdks
    say "${HPCTRAIN_LIBTORCH:-} ${CXX:-} ${CXXFLAGS:-}"
    stat -L -c '%n %s %Y' "$(libtorch_library)"
  } | sha256sum | cut -d' ' -f1
}

is_built() {
  [ "$(cat $stamp 2>/dev/null)" = "$(fingerprint)" ] || return 1
  local name project executable
  while read -r name project executable; do
    if [ ! -x "artifacts/bin/$name" ] || [ ! -x "$executable" ]; then return 1; fi
  done < <(programs)
  [ -f artifacts/native/libtorchsharp_dropin.so ]
}

step() { # step WHAT COMMAND...: runs quietly; shows the errors when it fails
  local what=$1 began=$SECONDS
  shift
  printf '%s ... ' "$what"
  if "$@" >"$log" 2>&1 </dev/null 9>&-; then
    say "$((SECONDS - began)) s"
  else
    say "failed"
    { grep -E '(: |^)(fatal )?error' "$log" || tail -n 20 "$log"; } | sort -u | head -n 20 >&2
    fail 1 "$what failed; the whole output is in $log"
  fi
}

# One compiler process serves all projects: started anew for each it spends most of its time on compiling itself and the
# analyzers. It is this build's own, by the name of its pipe, and ends with the build (or ten minutes after a killed one).
build_solution() {
  local server=hpctrain-$$ code=0
  dotnet build HpcTrain.sln -c Release --nologo -v quiet -nodeReuse:false \
    -p:UseSharedCompilation=true -p:SharedCompilationId="$server" || code=$?
  dotnet exec "$(compiler_server)" -shutdown -pipename:"$server" || true # none, when nothing was compiled
  return $code
}

compiler_server() { say "$(dirname "$(readlink -f "$(command -v dotnet)")")/sdk/$(dotnet --version)/Roslyn/bincore/VBCSCompiler.dll"; }

build() {
  # The tools live for moments: instrumenting their code for a later tier never pays.
  export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_TieredPGO=0
  local name project executable before
  before=$(fingerprint)
  step "Building the libtorch shim" src/dropins/TorchSharp/native/build.sh
  # No node outlives the build: one that does keeps files of this folder open, and the pipe of whoever called us.
  step "Building the solution" build_solution
  while read -r name project executable; do
    step "Publishing $name" dotnet publish "$project" -c Release --no-build --nologo -v quiet -nodeReuse:false
    ln -sfn "../../$executable" "artifacts/bin/$name"
  done < <(programs)
  printf '%s\n' "$before" >$stamp
}

if is_built; then
  say "Set-up is complete: nothing to do."
  exit 0
fi
mkdir -p artifacts 2>/dev/null || true
if [ ! -w artifacts ]; then
  fail 1 "cannot write into $root/artifacts as $(id -un): run set-up as the owner, or give this folder to yourself with chown"
fi
exec 9>artifacts/.setup-lock
if ! flock -n 9; then
  say "Another set-up of this folder is running: waiting for it (at most $((lock_wait_s / 60)) minutes) ..."
  flock -w $lock_wait_s 9 || fail 1 "the other set-up did not end in $((lock_wait_s / 60)) minutes"
  if is_built; then
    say "Set-up is complete: the other one built it."
    exit 0
  fi
fi
build
say "Set-up is complete: artifacts/bin/ holds $(programs | cut -d' ' -f1 | paste -sd' ' | sed 's/ /, /g')."
