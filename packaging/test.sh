#!/bin/sh
# Sets Byre up as run.sh does, with what the tests need, and runs the whole suite; arguments go to pytest.
#
# Two tests run at a time unless the arguments say otherwise (-n 0: one after the other).
# The suite gets a session bus and a key store of its own, unlocked, in a throw-away folder: it never sees the user's.
# Their files lie in memory where there is enough of it, so that nobody waits for a disk; TMPDIR names another place.
# It prints how many cases of the official vectors ran; with BYRE_REQUIRE_VECTORS=1 a skipped one fails.
set -eu
. "$(dirname "$0")/setup.sh"

# shellcheck disable=SC2086
set_up test $base_packages $test_packages
# what the frozen build links: the shared library of this very Python
need_debian "libpython$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
# foreign implementations of MLS that live on npm, by the node of the lock
(cd "$byre_root" && .venv/bin/python -m tests.interop.npm) >>"$log" 2>&1 ||
  say "the foreign MLS implementations cannot be fetched: tests against them are skipped; details in $log"

at_a_time="-n 2 --dist loadgroup"
for argument in "$@"; do
  case $argument in -n* | --numprocesses* | no:xdist) at_a_time= ;; esac
done

# What the tests write is synced as in earnest; a kill leaves it in memory as it does on a disk. Programs are run there too.
suits_tests() {
  [ -d "$1" ] && [ -w "$1" ] && [ "$(df -Pk "$1" | awk 'NR == 2 { print $4 }')" -ge 4194304 ] &&
    [ "$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)" -ge 6291456 ] &&
    probe=$(mktemp "$1/byre-probe.XXXXXX") && cp /bin/true "$probe" && chmod 700 "$probe" || return 1
  runs=0
  "$probe" 2>/dev/null || runs=1
  rm -f "$probe"
  return $runs
}
if [ -z "${TMPDIR:-}" ] && suits_tests /dev/shm; then TMPDIR=/dev/shm; fi
home=$(mktemp -d "${TMPDIR:-/tmp}/byre.XXXXXX")
trap 'rm -rf "$home"' EXIT
trap 'exit 130' INT TERM
mkdir -m 700 "$home/runtime" "$home/data" "$home/config" "$home/cache" "$home/state"
cd "$byre_root"
code=0
# shellcheck disable=SC2086
env -u DISPLAY -u WAYLAND_DISPLAY -u DBUS_SESSION_BUS_ADDRESS -u PYTHONDONTWRITEBYTECODE TMPDIR="$home" \
  XDG_RUNTIME_DIR="$home/runtime" XDG_DATA_HOME="$home/data" XDG_CONFIG_HOME="$home/config" \
  XDG_CACHE_HOME="$home/cache" XDG_STATE_HOME="$home/state" QT_QPA_PLATFORM=offscreen LC_ALL=C.UTF-8 \
  dbus-run-session -- sh -c '
    printf %s throw-away | gnome-keyring-daemon --unlock --components=secrets --control-directory="$XDG_RUNTIME_DIR/keyring" >/dev/null 2>&1
    exec .venv/bin/python -m pytest --basetemp="$TMPDIR/t" -o tmp_path_retention_policy=failed "$@"' byre-test $at_a_time "$@" || code=$?
exit "$code"
