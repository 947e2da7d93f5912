#!/usr/bin/env bash
# The reader process with the real node-hid against virtual readers of the kernel, in a guest.
# Installs QEMU with apt where it may; prints SKIPPED and why where it cannot run. `--built`: out/ is
# up to date.
set -euo pipefail
cd "$(dirname "$0")/../../.."
export PATH="$PWD/node_modules/.bin:$PATH"
source test/real/hid/guest-tools.sh test:hid

[ "${1:-}" = --built ] || npm run --silent build
NO_COLOR="${NO_COLOR:-1}" node test/real/hid/host/run.ts
