#!/usr/bin/env bash
# Two nodes of the authority on a real PostgreSQL, two seats with the real agent and shell.
set -euo pipefail
cd "$(dirname "$0")/../../.."

if ! compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql; } >/dev/null ||
      echo "apt-get could not install: postgresql" >&2
  else
    echo "Not installed, and only root may: apt-get install postgresql" >&2
    exit 1
  fi
fi
[ "${1:-}" = --built ] || npm run --silent build
exec npx playwright test --config test/real/house/playwright.config.ts
