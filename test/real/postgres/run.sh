#!/usr/bin/env bash
# PostgreSQL behind the storage port. Installs the server, and what sets clocks and slows disks, with apt where it may; says what is
# missing where it may not.
set -euo pipefail
cd "$(dirname "$0")/../../.."

need=()
compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || need+=(postgresql)
command -v strace >/dev/null || need+=(strace)
compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || need+=(libfaketime)
if ((${#need[@]})); then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${need[@]}"; } >/dev/null || {
      echo "apt-get could not install: ${need[*]}" >&2
      exit 1
    }
  else
    echo "Not installed, and only root may: apt-get install ${need[*]}" >&2
    exit 1
  fi
fi

# Some of it starts the command as it is built.
[ -f out/main/lanyard.js ] || npm run --silent build

status=0
npx vitest run --config test/real/postgres/vitest.config.ts || status=1
npx vitest run --config test/real/postgres/rules.config.ts || status=1
exit "$status"
