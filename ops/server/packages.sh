# shellcheck shell=bash
# What Debian and Ubuntu bring: programs, and what keeps them up to date.

PACKAGES=(
  ca-certificates caddy curl ffmpeg iproute2 nftables procps
  python3 python3-venv unattended-upgrades util-linux
)

is_installed() { [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# A machine that has just begun to live holds apt's locks for minutes, for its own first upgrade runs.
# Of those only dpkg's has a timeout of its own: for the others apt is asked again.
APT_WAIT_S=600

apt() {
  local until=$((SECONDS + APT_WAIT_S))
  until LC_ALL=C DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -qq \
    -o DPkg::Lock::Timeout=$APT_WAIT_S -o Dpkg::Options::=--force-confold "$@" >"$SCRATCH/apt" 2>&1; do
    if ! grep --quiet 'Could not get lock' "$SCRATCH/apt" || [ "$SECONDS" -ge "$until" ]; then
      tail -n 20 "$SCRATCH/apt" >&2
      return 1
    fi
    say "waiting for another apt"
    sleep 5
  done
}

check_system() {
  local system
  # shellcheck source=/dev/null
  system=$(. "${ROOT:-}/etc/os-release" 2>/dev/null && echo "$ID $VERSION_ID") || true
  case $system in
    'debian 12' | 'ubuntu 24.04') ;;
    *) mistake "this is ${system:-no system that is known}; it must be Debian 12 or Ubuntu 24.04" ;;
  esac
  if command -v ufw >/dev/null && ufw status 2>/dev/null | grep -q '^Status: active'; then
    mistake "ufw is active, and what it does not allow stays closed whatever Oven's own firewall allows: 'ufw disable' it first"
  fi
}

# Whoever serves something else with Caddy here would find it gone.
check_caddyfile() {
  local file=$ROOT/etc/caddy/Caddyfile
  [ -e "$file" ] && [ -z "$(release_of current)" ] && ! grep --quiet OVEN_SOCKET "$file" || return 0
  dpkg-query --show --showformat='${Conffiles}\n' caddy 2>/dev/null |
    grep --quiet --fixed-strings " $(md5sum <"$file" | cut --characters=1-32)" ||
    mistake "$file is somebody's own, and Oven would take its place: move it away, with what it serves, or give Oven another machine"
}

install_packages() {
  local package missing=()
  for package in "${PACKAGES[@]}"; do
    is_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} != 0 ] || return 0
  say "installing ${missing[*]}"
  # What was half unpacked when an earlier run was killed.
  [ -z "$(dpkg --audit)" ] || DEBIAN_FRONTEND=noninteractive dpkg --configure -a >&2 || true
  apt update || die "the package lists cannot be had; see above"
  apt install --yes --no-install-recommends "${missing[@]}" ||
    die "these packages cannot be installed: ${missing[*]}; see above"
  changed "installed ${missing[*]}"
}
