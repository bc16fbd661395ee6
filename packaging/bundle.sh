#!/bin/sh
# Builds the desktop program as one folder: dist/byre (another place with --distpath DIR). Set-up as for the tests.
#
# Two builds of one checkout on one machine are equal byte for byte. Build on the oldest system that is to run it:
# the bundle needs the C library of the machine it was built on, or a newer one.
set -eu
. "$(dirname "$0")/setup.sh"

# shellcheck disable=SC2086
set_up test $base_packages binutils
need_debian "libpython$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
cd "$byre_root"
say "building the bundle"
QT_QPA_PLATFORM=offscreen PYTHONHASHSEED=0 SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-1700000000}" \
  "$byre_root/.venv/bin/python" -m PyInstaller --noconfirm --log-level WARN --workpath "$byre_root/build/bundle" \
  --distpath "$byre_root/dist" "$@" packaging/byre.spec >>"$log" 2>&1 || die "the bundle cannot be built; details in $log"
