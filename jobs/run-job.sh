#!/usr/bin/env bash
# Runs a job of this folder from anywhere: sets up if needed, fetches the job's data if it is missing, starts the job.
# Usage: jobs/run-job.sh PROJECT [options of the job...]      (each job has a one-line script that calls this one)
set -Eeuo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
project=${1:?usage: jobs/run-job.sh PROJECT [options...]}
shift
folder=$root/jobs/$project
if [ ! -d "$folder" ]; then
  printf 'run-job: there is no job %s in %s\n' "$project" "$root/jobs" >&2
  exit 2
fi

"$root/setup.sh" >&2
program=$root/artifacts/bin/$(sed -E 's/([a-z0-9])([A-Z])/\1-\2/g; s/.*/\L&/' <<<"$project")
# A program looks for .NET in its usual places and in DOTNET_ROOT, not in PATH.
if [ -z "${DOTNET_ROOT:-}" ] && dotnet=$(command -v dotnet); then DOTNET_ROOT=$(dirname "$(readlink -f "$dotnet")") && export DOTNET_ROOT; fi
export HPCTRAIN_DATA=${HPCTRAIN_DATA:-$root/data} HPCTRAIN_RUNS=${HPCTRAIN_RUNS:-$root/runs}

# The job's own data, unless the user brings some or only asks for help.
case " $* " in
  *" --data "* | *" --data="* | *" --help "* | *" --resume "* | *" --resume="*) ;;
  *) if [ -x "$folder/data.sh" ]; then "$folder/data.sh" "$root/artifacts/bin/hpctrain" >&2; fi ;;
esac
exec "$program" "$@"
