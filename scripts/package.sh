#!/usr/bin/env bash
# Packs the jobs for a cluster: the wheel, and the same as segmentation.zip for spark-submit's --py-files.
#   scripts/package.sh [DIR]    where to put them; default: dist
# PYTHON=/path/to/python with pip, setuptools and wheel; by default .venv's.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
out=${1:-$root/dist}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# From a copy of what is packed: a build leaves folders behind, and takes along what an earlier one left.
mkdir -p "$work/source" "$out"
cp -R "$root"/{setup.py,README.md,segmentation,conf} "$work/source/"
"${PYTHON:-$root/.venv/bin/python}" -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation \
  --wheel-dir "$work" "$work/source"
rm -f "$out"/segmentation-*.whl "$out/segmentation.zip"
cp "$work"/segmentation-*.whl "$out/"
cp "$work"/segmentation-*.whl "$out/segmentation.zip"
