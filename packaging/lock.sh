#!/bin/sh
# Writes packaging/requirements/*.txt anew from pyproject.toml: universal, pinned by hash, naming no host.
#
#   sh packaging/lock.sh              newest versions that pyproject.toml allows
#   sh packaging/lock.sh --keep       keeps what is locked where it still fits
set -eu
. "$(dirname "$0")/setup.sh"

check_python
need_uv
follow_pip_config
cd "$byre_root"
locks=packaging/requirements
[ "${1:-}" = --keep ] || set -- --upgrade
[ "$1" != --keep ] || shift

# compile NAME ARGUMENT…
compile() {
  name=$1
  shift
  say "locking $locks/$name.txt"
  "$uv" pip compile -q --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
    --python-version 3.11 "$@" -o "$locks/$name.txt" >>"$log" 2>&1 || die "$name cannot be locked; details in $log"
}

compile run "$@" --extra relay --group build pyproject.toml
compile test "$@" --extra relay --group build --group test pyproject.toml
compile packaging "$@" --group build --group packaging pyproject.toml
echo 'uv' >"$boot/uv.in"
compile uv "$@" "$boot/uv.in"
