#!/usr/bin/env bash
# Trains a character-level transformer on Moby Dick: set-up if needed, data if missing, then the job with your options (see --help).
exec "$(dirname "$0")/run-job.sh" CharTransformer "$@"
