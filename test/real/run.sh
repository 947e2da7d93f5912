#!/usr/bin/env bash
# The suites against real parts. Installs with apt what they need where it may; says what is
# missing where it may not. Each suite reports as skipped, with its reason, what it cannot run.
set -euo pipefail
cd "$(dirname "$0")/../.."

need=()
command -v strace >/dev/null || need+=(strace)
command -v mkfs.ext4 >/dev/null || need+=(e2fsprogs)
command -v faketime >/dev/null || need+=(faketime)
if ((${#need[@]})); then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${need[@]}"; } >/dev/null ||
      echo "apt-get could not install: ${need[*]}" >&2
  else
    echo "Not installed, and only root may: apt-get install ${need[*]}" >&2
  fi
fi

npm run --silent build
status=0
bash test/real/hid/run.sh --built || status=1
bash test/real/pcsc/run.sh --built || status=1
bash test/real/lock-screen/run.sh --built || status=1
bash test/real/serial/run.sh --built || status=1
bash test/real/idle/run.sh || status=1
bash test/real/postgres/run.sh || status=1
bash test/real/house/run.sh --built || status=1
npx vitest run --config test/real/vitest.config.ts || status=1
exit "$status"
