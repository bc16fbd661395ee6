# Shared set-up of run.sh and test.sh, sourced by them. POSIX sh; Debian 12 and 13.
#
# Installs only what is missing, in this order: Debian packages (sudo unless root), uv (by pip, into .boot/), the locked
# Python packages (into .venv/), the checkout itself (editable). Everything is pinned by hash. It talks on stderr only,
# so that a command's stdout stays clean, and it leaves by `die` with one sentence when something cannot be had.
#
# The locks name no host: pip and uv ask the index that this machine's own pip configuration names.

say() { printf 'byre: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

byre_root=$(cd "$(dirname "$0")/.." && pwd) || exit 1
boot=$byre_root/.boot
log=$boot/setup.log
mkdir -p "$boot" || die "cannot write in $byre_root."
: >"$log"

# --- Debian packages -------------------------------------------------------------------------------------------------

# What the PySide6 wheel links against and a bare Debian lacks. `a|b`: names that differ between releases.
qt_packages="libegl1 libgl1 libglib2.0-0t64|libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon-x11-0 libxcb-cursor0
  libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-sync1 libxcb-xfixes0
  libxcb-xkb1 libwayland-cursor0 libwayland-egl1"
base_packages="python3 python3-venv ca-certificates fonts-noto-color-emoji $qt_packages"
display_packages="xvfb xauth"
# the last four: a real input method for Hangul, and the fingers that type on it
test_packages="$display_packages dbus gnome-keyring binutils ibus ibus-hangul dbus-x11 xdotool"

installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

# Prints the names among "$@" of which no alternative is installed, alternatives kept.
missing() {
  for entry in "$@"; do
    found=
    for name in $(echo "$entry" | tr '|' ' '); do
      if installed "$name"; then found=yes; fi
    done
    [ -n "$found" ] || echo "$entry"
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null 2>&1; then sudo "$@"
  else die "these Debian packages are missing and neither root nor sudo is at hand: $wanted"
  fi
}

# Installs the Debian packages among "$@" that are missing.
need_debian() {
  wanted=$(missing "$@" | tr '\n' ' ')
  [ -n "$wanted" ] || return 0
  command -v apt-get >/dev/null 2>&1 || die "this is no Debian; please install what answers to: $wanted"
  say "refreshing apt's package lists"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q -o APT::Update::Error-Mode=any -o DPkg::Lock::Timeout=300 \
    >>"$log" 2>&1 || say "not all package lists could be refreshed; going on with those that are here"
  names=
  for entry in $wanted; do
    known=
    for name in $(echo "$entry" | tr '|' ' '); do
      if apt-cache show "$name" >/dev/null 2>&1; then known=$name; break; fi
    done
    [ -n "$known" ] || die "apt knows no package $entry: its lists cannot be fetched (is this machine offline?); details in $log"
    names="$names $known"
  done
  say "installing Debian packages:$names"
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 $names \
    >>"$log" 2>&1 || die "Debian's packages cannot be installed (is this machine offline?); details in $log"
}

# --- uv and the Python packages --------------------------------------------------------------------------------------

python=/usr/bin/python3
uv=$boot/bin/uv

check_python() {
  [ -x "$python" ] || python=$(command -v python3) || die "there is no python3 on this machine."
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    die "Byre needs Python 3.11 or newer; $python is $("$python" -V)."
}

# uv does not read pip's configuration: hand over the index, the certificates and the proxy that this machine's pip uses.
follow_pip_config() {
  while IFS= read -r line; do
    key=${line%%=*}; key=${key##*.}
    value=${line#*=}; value=${value#\'}; value=${value%\'}
    case $key in
      index-url) [ -n "${UV_DEFAULT_INDEX:-}" ] || export UV_DEFAULT_INDEX="$value" ;;
      extra-index-url) [ -n "${UV_INDEX:-}" ] || export UV_INDEX="$value" ;;
      find-links) [ -n "${UV_FIND_LINKS:-}" ] || export UV_FIND_LINKS="$(echo "$value" | tr ' ' ',')" ;;
      no-index) case $value in 1 | [Tt]rue | yes | on) export UV_NO_INDEX=1 ;; esac ;;
      trusted-host) [ -n "${UV_INSECURE_HOST:-}" ] || export UV_INSECURE_HOST="$value" ;;
      cert) [ -n "${SSL_CERT_FILE:-}" ] || export SSL_CERT_FILE="$value" ;;
      proxy) [ -n "${HTTPS_PROXY:-}" ] || export HTTPS_PROXY="$value" ;;
    esac
  done <<CONFIG
$("$boot/bin/pip" config list 2>/dev/null)
CONFIG
  # uv brings roots of its own; the system's store, as pip reads it, also knows a company's proxy
  [ -n "${UV_SYSTEM_CERTS:-}${UV_NATIVE_TLS:-}${SSL_CERT_FILE:-}" ] || export UV_SYSTEM_CERTS=1
  # every package is pinned by hash, so that it does not matter which of several indexes serves it
  export UV_INDEX_STRATEGY=unsafe-best-match UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1
}

fingerprint() { { "$python" -V && cat "$@"; } | sha256sum | cut -d' ' -f1; }

need_uv() {
  lock=$byre_root/packaging/requirements/uv.txt
  mark=$(fingerprint "$lock")
  if [ -x "$uv" ] && [ "$(cat "$boot/uv.mark" 2>/dev/null)" = "$mark" ]; then return 0; fi
  say "installing uv into .boot"
  "$python" -m venv --clear "$boot/venv" >>"$log" 2>&1 || die "python3 cannot make a virtual environment; details in $log"
  PIP_RETRIES=${PIP_RETRIES:-2} "$boot/venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes \
    -r "$lock" >>"$log" 2>&1 || die "uv cannot be fetched from the Python package index (is this machine offline?); details in $log"
  mkdir -p "$boot/bin"
  ln -sf ../venv/bin/uv "$boot/bin/uv"
  ln -sf ../venv/bin/pip "$boot/bin/pip"
  echo "$mark" >"$boot/uv.mark"
}

# Brings .venv to the level `run` or `test` (which contains `run`); a higher level that is there already is kept.
need_venv() {
  level=$1
  venv=$byre_root/.venv
  locks=$byre_root/packaging/requirements
  [ "$(cat "$venv/byre.level" 2>/dev/null)" != test ] || level=test
  case $level in
    run) set -- "$locks/run.txt" ;;
    *) set -- "$locks/run.txt" "$locks/test.txt" "$locks/packaging.txt" ;;
  esac
  mark=$(fingerprint "$@" "$byre_root/pyproject.toml")
  if [ -x "$venv/bin/byre" ] && [ "$(cat "$venv/byre.mark" 2>/dev/null)" = "$mark" ] &&
    "$venv/bin/python" -c 'import byre' 2>/dev/null; then return 0; fi
  follow_pip_config
  say "installing the locked Python packages for \`$level\` into .venv"
  if ! "$venv/bin/python" -c '' 2>/dev/null; then
    "$uv" venv -q --clear --python "$python" "$venv" >>"$log" 2>&1 || die "the virtual environment cannot be made; details in $log"
  fi
  "$uv" pip sync -q --python "$venv/bin/python" --require-hashes "$@" >>"$log" 2>&1 ||
    die "the locked Python packages cannot be fetched (is this machine offline?); details in $log"
  # by a dot: uv reads a name with ";", "[" or "#" in it as a requirement with a marker, extras or a fragment
  (cd "$byre_root" && "$uv" pip install -q --python "$venv/bin/python" --no-deps --no-build-isolation --offline -e .) \
    >>"$log" 2>&1 ||
    die "the checkout cannot be installed into .venv; details in $log"
  echo "$level" >"$venv/byre.level"
  echo "$mark" >"$venv/byre.mark"
}

# set_up LEVEL DEBIAN-PACKAGE…
set_up() {
  level=$1
  shift
  need_debian "$@"
  check_python
  need_uv
  need_venv "$level"
}
