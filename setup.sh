#!/usr/bin/env bash
# Sets Oven up on Debian 12 or Ubuntu 24.04, as root or with sudo, and does one thing with it:
#
#   ./setup.sh install  bring what Oven runs on, and Oven itself into .venv
#   ./setup.sh demo     bake the sample tape into ./oven-demo, and say what was measured
#   ./setup.sh test     run every check and test
#   ./setup.sh server   make this machine an Oven server, or bring the one that it is up to date (ops/server.sh)
#
# Each installs only what is missing, and is safe to repeat.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

VENV=.venv

say() { printf '%s\n' "setup: $*" >&2; }
die() { say "$*"; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "root is needed to run '$*'; run this as root, or install sudo"
  fi
}

# Installs Debian packages, after one look at the newest lists.
apt_install() {
  command -v apt-get >/dev/null || die "these are missing: $*; install them, or use Debian 12 or Ubuntu 24.04"
  say "installing $*"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}

# Prints the first Python that Oven runs on and that can make a virtual environment.
find_python() {
  local python
  for python in python3.12 python3.11 python3; do
    if "$python" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' \
      2>/dev/null; then
      command -v "$python"
      return
    fi
  done
  return 1
}

install_programs() {
  local missing=()
  command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null || missing+=(ffmpeg)
  command -v setpriv >/dev/null || missing+=(util-linux)
  find_python >/dev/null || missing+=(python3 python3-venv)
  [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
  find_python >/dev/null || die "Python 3.11 or 3.12 with venv is needed; this machine has $(python3 -V 2>&1)"
}

# What .venv holds once the requirements file $1 is installed; it changes with all that matters.
stamp() { cat "$1" pyproject.toml <(echo "$PWD") | sha256sum; }

# Makes .venv hold what the requirements file $1 pins, by hash; does nothing where it does already.
# What the tests need includes what everything else needs.
install_python() {
  local requirements=$1 enough
  for enough in "$requirements" requirements-dev.txt; do
    if $VENV/bin/python -c 'import oven' 2>/dev/null && [ "$(cat $VENV/stamp 2>/dev/null)" = "$(stamp "$enough")" ]; then
      return
    fi
  done
  say "installing Python packages into $VENV"
  rm -rf $VENV
  "$(find_python)" -m venv $VENV
  $VENV/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$requirements"
  $VENV/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
  stamp "$requirements" >$VENV/stamp
}

# Unpacks a program of a Debian package into the environment: to install caddy or prometheus would start
# them as services, on this machine's own ports.
unpack() {
  local program=$1 package=$2 folder
  command -v "$program" >/dev/null && return
  [ -x "$VENV/tools/usr/bin/$program" ] && return
  say "unpacking $program into $VENV/tools"
  folder=$(mktemp -d)
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  (cd "$folder" && apt-get download -qq "$package")
  mkdir -p $VENV/tools
  dpkg-deb --extract "$folder/${package}"_*.deb $VENV/tools
  rm -r "$folder"
}

install() {
  install_programs
  install_python requirements.txt
}

demo() {
  install
  mkdir -p oven-demo
  $VENV/bin/oven bake examples/tape.zip -o oven-demo/tape.mp4 --thumbnail oven-demo/tape.jpg
}

tests() {
  install_programs
  local missing=()
  command -v shellcheck >/dev/null || missing+=(shellcheck)
  # The site's own ends, as they are, are programs of Node.
  command -v node >/dev/null || missing+=(nodejs)
  # A real S3 server: Ceph's gateway over one in-memory disk.
  command -v radosgw >/dev/null || missing+=(ceph-mon ceph-osd radosgw ceph-common)
  # What a server is deployed with.
  command -v fish >/dev/null || missing+=(fish)
  command -v jq >/dev/null || missing+=(jq)
  command -v curl >/dev/null || missing+=(curl)
  command -v ssh >/dev/null || missing+=(openssh-client)
  command -v bwrap >/dev/null || missing+=(bubblewrap)
  command -v nft >/dev/null || missing+=(nftables)
  command -v systemd-analyze >/dev/null || missing+=(systemd)
  [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
  install_python requirements-dev.txt
  unpack promtool prometheus
  unpack caddy caddy
  git ls-files -z '*.sh' .ci/run | xargs -0 shellcheck
  $VENV/bin/ruff format --check .
  $VENV/bin/ruff check .
  $VENV/bin/mypy
  $VENV/bin/lint-imports --no-logo
  # Tests wait for other programs nearly half of their time, so two run at once.
  [ $# != 0 ] || set -- -n 2 --dist worksteal
  $VENV/bin/pytest "$@"
}

case "${1:-}" in
  install) install ;;
  demo) demo ;;
  test) shift; tests "$@" ;;
  server) shift; exec ops/server.sh "$@" ;;
  *) die "usage: ./setup.sh install | demo | test | server" ;;
esac
