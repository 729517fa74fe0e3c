# shellcheck shell=bash
# The files that make this machine an Oven server: planted in a tree first, compared, then put in place together.

# Plants standard input in $TREE: plant MODE PATH
plant() {
  mkdir -p "$(dirname "$TREE$2")"
  (umask 077 && cat >"$TREE$2")
  chmod "$1" "$TREE$2"
}

plant_link() {
  mkdir -p "$(dirname "$TREE$2")"
  ln -s "$1" "$TREE$2"
}

# Plants all that belongs to a release with a file of settings: compose RELEASE ENV
compose() {
  local release=$RELEASES/$1 env=$2 units=/etc/systemd/system unit current
  plant 644 $units/oven.service <"$release/oven.service"
  machine_conf "$release" "$env" | plant 644 $units/oven.service.d/machine.conf
  for unit in oven-backup.service oven-backup.timer oven-firewall.service; do
    plant 644 "$units/$unit" <"$release/ops/$unit"
  done
  plant 644 $units/caddy.service.d/oven.conf <"$release/ops/caddy.conf"
  plant 644 /etc/caddy/Caddyfile <"$release/Caddyfile"
  plant 755 /usr/local/bin/oven <"$release/ops/oven"
  render_firewall "$SSH_FROM" <"$release/ops/firewall.nft" | plant 644 /etc/oven/firewall.nft
  printf '%s\n' "# What ./setup.sh server was told; the next run takes it from here." "DOMAIN=$DOMAIN" "SSH_FROM=$SSH_FROM" |
    plant 644 /etc/oven/server.env
  plant 600 /etc/oven/oven.env <"$env"
  plant 644 /etc/apt/apt.conf.d/52oven-upgrades <"$release/ops/upgrades.conf"
  if [ -e "$SWAP_FILE" ]; then
    plant 644 $units/swapfile.swap <"$release/ops/swapfile.swap"
    plant 644 /etc/sysctl.d/60-oven.conf <"$release/ops/sysctl.conf"
  fi
  plant_link "releases/$1" /opt/oven/current
  current=$(release_of current)
  if [ -n "$current" ] && [ "$current" != "$1" ]; then
    plant_link "releases/$current" /opt/oven/previous
  fi
}

# What of the service is this machine's own: machine_conf RELEASE_FOLDER ENV
machine_conf() {
  local open
  open=$(name_servers && allowed_addresses "$1" "$2")
  printf '%s\n' "# Written by ./setup.sh server." "[Service]" "Environment=OVEN_PUBLIC_URL=https://$DOMAIN"
  # The service may reach no private address but these.
  [ -z "$open" ] || printf '%s\n' "IPAddressAllow=$(sort --unique <<<"$open" | paste --serial --delimiters=' ')"
}

name_servers() {
  sed -n 's/^nameserver\s\+\([0-9a-fA-F:.]\+\).*/\1/p' "$ROOT/etc/resolv.conf" 2>/dev/null || true
}

# Prints the addresses and networks of OVEN_EGRESS_ALLOW; a host's name is none, for it may lead elsewhere tomorrow.
# Where the settings are wrong nothing is printed: the check that follows says what is.
allowed_addresses() {
  env --ignore-environment OVEN_ENV_FILE="$2" "$1/.venv/bin/python" -B - 2>/dev/null <<'PYTHON' || true
from contextlib import suppress
from ipaddress import ip_network

from oven.settings import read_settings

for name in sorted(read_settings().egress_allow):
    with suppress(ValueError):
        print(ip_network(name, strict=False))
PYTHON
}

# Prints the paths of a tree whose files here are others, or none, or have other modes.
differences() {
  local path here
  while read -r path; do
    here=$ROOT$path
    if [ -L "$TREE$path" ]; then
      [ "$(readlink "$here")" = "$(readlink "$TREE$path")" ] || echo "$path"
    else
      [ ! -L "$here" ] && cmp --quiet "$TREE$path" "$here" &&
        [ "$(stat --format=%a "$here")" = "$(stat --format=%a "$TREE$path")" ] || echo "$path"
    fi
  done < <(paths)
}

# Prints the paths of a tree.
paths() { (cd "$TREE" && find . ! -type d -printf '/%P\n' | sort); }

# Copies what stands here at the paths of a list into a tree: keep LIST TREE
keep() {
  local path
  while read -r path; do
    [ -e "$ROOT$path" ] || [ -L "$ROOT$path" ] || continue
    mkdir -p "$(dirname "$2$path")"
    cp --no-dereference --preserve=mode,timestamps "$ROOT$path" "$2$path"
  done <"$1"
}

# Puts in place what a tree has at the paths of a list, each at once; what it lacks goes: put LIST TREE
# Fails at the first that cannot be written, as on a full disk, and leaves that as it is.
put() {
  local path beside
  while read -r path; do
    beside=$ROOT$path.oven-new
    if [ -e "$2$path" ] || [ -L "$2$path" ]; then
      rm -f "$beside"
      if ! mkdir -p "$(dirname "$beside")" || ! cp --no-dereference --preserve=mode,timestamps "$2$path" "$beside"; then
        rm -f "$beside"
        return 1
      fi
      mv --no-target-directory "$beside" "$ROOT$path"
    else
      rm -f "$ROOT$path"
    fi
  done <"$1"
}
