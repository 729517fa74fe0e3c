# shellcheck shell=bash
# The user that Oven runs as, and the folders that are not systemd's to make.

make_account() {
  if ! getent group oven >/dev/null; then
    groupadd --system oven
    changed "made the group oven"
  fi
  if ! getent passwd oven >/dev/null; then
    useradd --system --gid oven --home-dir /var/lib/oven --no-create-home --shell /usr/sbin/nologin oven
    changed "made the user oven"
  fi
}

# make_folder PATH OWNER MODE
make_folder() {
  [ "$(stat --format='%U %a' "$1" 2>/dev/null)" != "$2 $3" ] || return 0
  install --directory --owner="$2" --group="$2" --mode="$3" "$1"
  changed "made the folder $1"
}

make_folders() {
  make_folder /opt/oven root 755
  make_folder /opt/oven/releases root 755
  make_folder /opt/oven/incoming root 700
  make_folder /etc/oven root 755
  make_folder /var/backups/oven oven 700
  make_folder /var/log/caddy caddy 750
}
