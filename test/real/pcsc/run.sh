#!/usr/bin/env bash
# The reader process with the real pcsc-mini at a real pcscd, with cards that are made up. pcscd, its
# virtual reader and the library are downloaded once and unpacked, never installed, and run in
# namespaces of their own. Prints SKIPPED and why where it cannot run. `--built`: out/ is up to date.
set -euo pipefail
cd "$(dirname "$0")/../../.."
export PATH="$PWD/node_modules/.bin:$PATH"
cache="$PWD/node_modules/.cache/lanyard-pcsc"

skip() {
  echo "SKIPPED test:pcsc: $1"
  exit 0
}

[ "$(uname -sm)" = "Linux x86_64" ] || skip "its virtual reader is for Linux on x86-64, this is $(uname -sm)"
[ -r /proc/self/schedstat ] || skip "this kernel keeps no CPU time by thread (schedstat)"
command -v unshare >/dev/null || skip "this machine lacks unshare, of util-linux"
if ! command -v ip >/dev/null; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
    skip "this machine lacks ip; as root: apt-get install iproute2"
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends iproute2; } >/dev/null ||
    skip "apt-get could not install iproute2"
fi

if [ ! -e "$cache/complete" ]; then
  command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
    skip "this machine lacks apt-get and dpkg, from which pcscd comes"
  [ "$(apt-cache depends vsmartcard-vpcd 2>/dev/null)" ] || [ "$(id -u)" != 0 ] ||
    apt-get update -qq || skip "apt-get update failed, and there are no package lists"
  rm -rf "$cache" && mkdir -p "$cache"
  (cd "$cache" && apt-get download -qq pcscd vsmartcard-vpcd libpcsclite1) 2>"$cache/apt.log" ||
    skip "apt-get could not download pcscd, vsmartcard-vpcd and libpcsclite1; see $cache/apt.log"
  for package in "$cache"/*.deb; do dpkg -x "$package" "$cache/root"; done
  touch "$cache/complete"
fi
lib="$cache/root/usr/lib/x86_64-linux-gnu"
if ldd "$cache/root/usr/sbin/pcscd" | grep -q 'not found'; then
  skip "pcscd lacks$(ldd "$cache/root/usr/sbin/pcscd" | awk '/not found/ { printf " %s", $1 }')"
fi

# vpcd listens on every interface, and pcscd at one place of the whole machine: neither leaves here.
apart=(unshare --net --mount --pid --fork --kill-child --mount-proc)
[ "$(id -u)" = 0 ] || apart+=(--map-root-user)
"${apart[@]}" true 2>/dev/null || skip "this account may make no namespaces"

[ "${1:-}" = --built ] || npm run --silent build
export LD_LIBRARY_PATH="$lib" LANYARD_PCSC_ROOT="$cache/root"
exec "${apart[@]}" bash -c 'mount -t tmpfs tmpfs /run && ip link set lo up && exec node test/real/pcsc/main.ts'
