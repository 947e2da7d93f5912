#!/usr/bin/env bash
# The suites against real parts. Installs with apt what they need where it may; says what is
# missing where it may not. Each suite reports as skipped, with its reason, what it cannot run.
set -euo pipefail
cd "$(dirname "$0")/../.."

need=()
command -v strace >/dev/null || need+=(strace)
command -v mkfs.ext4 >/dev/null || need+=(e2fsprogs)
command -v faketime >/dev/null || need+=(faketime)
command -v systemd-analyze >/dev/null || need+=(systemd)
if ((${#need[@]})); then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${need[@]}"; } >/dev/null ||
      echo "apt-get could not install: ${need[*]}" >&2
  else
    echo "Not installed, and only root may: apt-get install ${need[*]}" >&2
  fi
fi

npm run --silent build

# Named again at the end: what failed an hour ago is not looked for in the output of all suites.
failed=()
suite() {
  "${@:2}" || failed+=("$1")
}
suite hid bash test/real/hid/run.sh --built
suite pcsc bash test/real/pcsc/run.sh --built
suite lock-screen bash test/real/lock-screen/run.sh --built
suite serial bash test/real/serial/run.sh --built
suite idle bash test/real/idle/run.sh
suite postgres bash test/real/postgres/run.sh
suite house bash test/real/house/run.sh --built
suite store npx vitest run --config test/real/vitest.config.ts
if ((${#failed[@]})); then
  echo "Suites that failed: ${failed[*]}" >&2
  exit 1
fi
