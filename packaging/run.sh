#!/bin/sh
# Sets Byre up on this machine and runs it: `byre demo` with the arguments given here.
#
#   sh packaging/run.sh                 a relay, two people, a linked PC: windows to play with
#   sh packaging/run.sh --setup-only    stops after the set-up
#   sh packaging/run.sh --headless --json --screenshot-dir DIR      unattended, one JSON object on stdout
#
# Without a display it starts a virtual one, runs unattended and says where the screenshot lies.
set -eu
. "$(dirname "$0")/setup.sh"

has_display() { [ -n "${DISPLAY:-}" ] || [ -n "${WAYLAND_DISPLAY:-}" ]; }

setup_only=
for argument in "$@"; do
  [ "$argument" != --setup-only ] || setup_only=yes
done

if has_display; then packages=$base_packages; else packages="$base_packages $display_packages"; fi
# shellcheck disable=SC2086
set_up run $packages
if [ -n "$setup_only" ]; then
  say "set up; start it with $byre_root/.venv/bin/byre"
  exit 0
fi

if has_display; then exec "$byre_root/.venv/bin/byre" demo "$@"; fi

# The server picks a free display and tells its number through the pipe.
shots=$byre_root/build/demo
mkdir -p "$shots"
pipe=$(mktemp -u "${TMPDIR:-/tmp}/byre-display.XXXXXX")
mkfifo -m 600 "$pipe"
Xvfb -displayfd 3 -screen 0 1600x1000x24 -nolisten tcp 3>"$pipe" >>"$log" 2>&1 &
xvfb=$!
trap 'kill "$xvfb" 2>/dev/null || true; rm -f "$pipe"' EXIT
trap 'exit 130' INT TERM
read -r number <"$pipe" || die "the virtual display did not start; details in $log"
say "no display here: a virtual one (:$number) is used; screenshots lie in $shots unless --screenshot-dir says otherwise"
# in the background, so that this shell can pass a signal on while it waits
DISPLAY=:$number QT_QPA_PLATFORM=xcb "$byre_root/.venv/bin/byre" demo --headless --screenshot-dir "$shots" "$@" &
demo=$!
trap 'kill -TERM "$demo" 2>/dev/null || true' INT TERM
code=0
wait "$demo" || code=$?
# a signal ends the first wait early: the demo is still ending its processes
if kill -0 "$demo" 2>/dev/null; then wait "$demo" || code=$?; fi
exit "$code"
