#!/usr/bin/env bash
# Trains on Fashion-MNIST: set-up if needed, data if missing, then the job with your options (see --help).
exec "$(dirname "$0")/run-job.sh" FashionMnist "$@"
