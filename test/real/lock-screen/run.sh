#!/usr/bin/env bash
# From a report of a guest's kernel to the lock screen of the real agent. Installs QEMU with apt where
# it may; prints SKIPPED and why where it cannot run. `--built`: out/ is up to date.
set -euo pipefail
cd "$(dirname "$0")/../../.."
export PATH="$PWD/node_modules/.bin:$PATH"
source test/real/hid/guest-tools.sh test:lock-screen

[ "${1:-}" = --built ] || npm run --silent build
NO_COLOR="${NO_COLOR:-1}" node test/real/lock-screen/run.ts
