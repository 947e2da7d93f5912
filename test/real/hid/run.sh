#!/usr/bin/env bash
# The reader process with the real node-hid against virtual readers of the kernel, in a guest.
# Installs QEMU with apt where it may; prints SKIPPED and why where it cannot run. `--built`: out/ is
# up to date.
set -euo pipefail
cd "$(dirname "$0")/../../.."
export PATH="$PWD/node_modules/.bin:$PATH"

skip() {
  echo "SKIPPED test:hid: $1"
  exit 0
}

[ "$(uname -sm)" = "Linux x86_64" ] || skip "the guest is Linux on x86-64, this is $(uname -sm)"
command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
  skip "this machine lacks apt-get and dpkg, from which the guest's kernel comes"
if ! command -v qemu-system-x86_64 >/dev/null; then
  [ "$(id -u)" = 0 ] ||
    skip "this machine lacks qemu-system-x86_64; as root: apt-get install qemu-system-x86"
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends qemu-system-x86; } >/dev/null ||
    skip "apt-get could not install qemu-system-x86"
fi
[ "$(apt-cache depends linux-image-cloud-amd64 2>/dev/null)" ] || [ "$(id -u)" != 0 ] ||
  apt-get update -qq || skip "apt-get update failed, and there are no package lists"

[ "${1:-}" = --built ] || npm run --silent build
NO_COLOR="${NO_COLOR:-1}" node test/real/hid/host/run.ts
