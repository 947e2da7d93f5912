#!/usr/bin/env bash
# The reader process with the real serialport at ttys of the kernel, which socat makes. Installs socat
# with apt where it may; prints SKIPPED and why where it cannot run. `--built`: out/ is up to date.
set -euo pipefail
cd "$(dirname "$0")/../../.."
export PATH="$PWD/node_modules/.bin:$PATH"

skip() {
  echo "SKIPPED test:serial: $1"
  exit 0
}

[ "$(uname -s)" = "Linux" ] || skip "its ttys are those of Linux, this is $(uname -s)"
[ -r /proc/self/schedstat ] || skip "this kernel keeps no CPU time by thread (schedstat)"
if ! command -v socat >/dev/null; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
    skip "this machine lacks socat; as root: apt-get install socat"
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends socat; } >/dev/null ||
    skip "apt-get could not install socat"
fi

[ "${1:-}" = --built ] || npm run --silent build
node test/real/serial/main.ts
