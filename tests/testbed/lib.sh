# Shared by the test bed's scripts. Sourced, not run.
set -euo pipefail

testbed_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Everything of the test bed lives outside the checkout: the Kubernetes build is kept from run to run.
cache=${DEVLOOP_TESTBED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/devloop-testbed}
mkdir -p "$cache"

say() { printf 'testbed: %s\n' "$*" >&2; }

# Waits until a command succeeds: wait_for SECONDS WHAT COMMAND...
wait_for() {
  local seconds=$1 what=$2; shift 2
  local end=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= end)); then say "$what did not come up in ${seconds}s"; return 1; fi
    sleep 0.2
  done
}

# Installs Debian packages that bring a command or a file, only when it is missing: need COMMAND PACKAGE...
need() {
  local command=$1; shift
  if command -v "$command" >/dev/null 2>&1 || [ -e "$command" ]; then return 0; fi
  install_packages "$@"
}

install_packages() {
  if [ "$(id -u)" != 0 ]; then say "missing: $*; install them and run this again"; return 1; fi
  say "installing $*"
  if [ -z "${apt_updated:-}" ]; then apt-get update -qq >/dev/null || true; apt_updated=1; fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Samples and tests build images of one static binary, so that nothing is pulled.
need_static_busybox() {
  # ldd succeeds on what is linked dynamically; such a binary would not start in an empty image.
  if [ -x /bin/busybox ] && ! ldd /bin/busybox >/dev/null 2>&1; then return 0; fi
  install_packages busybox-static
}

# Starts a server that outlives this script and remembers that it is ours: start_server NAME COMMAND...
start_server() {
  local name=$1; shift
  mkdir -p "$cache/run" "$cache/log"
  setsid "$@" >"$cache/log/$name.log" 2>&1 </dev/null &
  echo $! >"$cache/run/$name.pid"
}

# Stops what start_server started.
stop_server() {
  local name=$1 file="$cache/run/$1.pid" pid
  [ -f "$file" ] || return 0
  pid=$(cat "$file"); rm -f "$file"
  kill "$pid" 2>/dev/null || return 0
  local end=$((SECONDS + 15))
  while kill -0 "$pid" 2>/dev/null && ((SECONDS < end)); do sleep 0.1; done
  kill -9 "$pid" 2>/dev/null || true
}
