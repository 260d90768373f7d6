#!/usr/bin/env bash
# Imports Fashion-MNIST (Debian's dataset-fashion-mnist) into HDF5 shards under $HPCTRAIN_DATA/fashion-mnist, once.
# Usage: data.sh HPCTRAIN, with the path of the hpctrain program. FASHION_MNIST names another folder of the four .gz files.
set -Eeuo pipefail

hpctrain=${1:?usage: data.sh HPCTRAIN}
source=${FASHION_MNIST:-/usr/share/datasets/fashion-mnist}
target=${HPCTRAIN_DATA:-data}/fashion-mnist
for part in train t10k; do
  "$hpctrain" data import idx --if-missing --out "$target/${part/t10k/test}" \
    --images "$source/$part-images-idx3-ubyte.gz" --labels "$source/$part-labels-idx1-ubyte.gz"
done
