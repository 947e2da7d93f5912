# To be sourced with the name of a suite: what it takes to make and boot a guest. Installs QEMU with
# apt where it may; otherwise says SKIPPED and why, and ends the suite.
suite="$1"

skip() {
  echo "SKIPPED $suite: $1"
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
