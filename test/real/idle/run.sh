#!/usr/bin/env bash
# What four readers cost while nobody taps, on the CPU of this machine. The kernel's hidraw is a
# stand-in. Prints SKIPPED and why where it cannot run.
set -euo pipefail
cd "$(dirname "$0")/../../.."
export PATH="$PWD/node_modules/.bin:$PATH"

skip() {
  echo "SKIPPED test:idle: $1"
  exit 0
}

[ "$(uname -sm)" = "Linux x86_64" ] || skip "the stand-in is for Linux on x86-64, this is $(uname -sm)"
[ -r /proc/self/schedstat ] || skip "this kernel keeps no CPU time by thread (schedstat)"
compiler="$(command -v gcc || command -v cc)" ||
  skip "this machine lacks a C compiler; on Debian: apt-get install gcc libc6-dev"
if ! ldconfig -p | grep -q 'libusb-1\.0\.so\.0 '; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
    skip "node-hid needs libusb-1.0-0; as root: apt-get install libusb-1.0-0"
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends libusb-1.0-0; } >/dev/null ||
    skip "apt-get could not install libusb-1.0-0"
fi

directory="$(mktemp -d)"
trap 'rm -rf "$directory"' EXIT
"$compiler" -O2 -Wall -Wextra -Werror -shared -fPIC -o "$directory/shim.so" test/real/idle/shim.c ||
  skip "the compiler could not build the stand-in; on Debian: apt-get install libc6-dev"
node test/real/idle/measure.ts "$directory/shim.so"
