# shellcheck shell=bash
# What the machine was told: its settings with their secrets, and what is remembered for the next run.

SETTINGS=$ROOT/etc/oven/oven.env
SERVER_ENV=$ROOT/etc/oven/server.env

# Prints what was given for a name in an earlier run.
remembered() {
  [ ! -e "$SERVER_ENV" ] || sed -n "s/^$1=//p" "$SERVER_ENV"
}

check_domain() {
  local label='[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
  if [ -z "$1" ]; then
    mistake "--domain is missing: the name that the world finds this machine by"
  elif ! [[ $1 =~ ^$label(\.$label)+$ && ${#1} -le 253 ]]; then
    mistake "--domain $1 is no host name, as oven.example.com is"
  fi
}

# What is in it, `oven check` will say; but dots are a secret to it, though one that everybody can read.
check_env_file() {
  local name
  if [ ! -e "$1" ] && [ "$1" = "$SETTINGS" ]; then
    mistake "--env is missing: the file of settings; ops/env.example is one"
  elif [ ! -f "$1" ] || [ ! -r "$1" ]; then
    mistake "--env $1 is no file that can be read"
  else
    while read -r name; do
      mistake "--env $1: $name is still the example's '...'; set it, or remove the line"
    done < <(sed -En "s/^\s*(export\s+)?(\w+)\s*=\s*[\"']?(\.\.\.|…).*/\2/p" "$1")
  fi
}

# Says which settings of a file the service's unit overrules; an operator may count on them.
tell_overruled() {
  local name
  while read -r name; do
    say "note: $name in the settings has no effect on a server: the unit says it; see 'systemctl cat oven'"
  done < <(sed --regexp-extended --quiet \
    's/^\s*(export\s+)?(OVEN_(DATA_DIR|LOG_DIR|PUBLIC_URL|SOCKET))\s*=.*/\2/p' "$1" | sort --unique)
}

# Who may reach port 22: each an address or a network; and whoever runs this by ssh must be among them.
check_sources() {
  local one session is_inside='' sources=()
  [ "$1" != any ] || return 0
  IFS=, read -r -a sources <<<"$1"
  for one in "${sources[@]}"; do
    is_network "$one" || mistake "--ssh-from $one is no address and no network, as 203.0.113.7 or 203.0.113.0/24"
  done
  session=$(session_address)
  [ -n "$session" ] || return 0
  for one in "${sources[@]}"; do
    ! is_within "$session" "$one" || is_inside=yes
  done
  [ -n "$is_inside" ] || mistake "--ssh-from $1 would lock out this very session, which comes from $session"
}

# Prints the address that this run was started from by ssh, if it was; sudo hides it, its parents do not.
session_address() {
  local process=$$ found=${SSH_CONNECTION:-}
  while [ -z "$found" ] && [ "$process" -gt 1 ]; do
    found=$(tr '\0' '\n' <"/proc/$process/environ" 2>/dev/null | sed -n 's/^SSH_CONNECTION=//p') || true
    process=$(sed -n 's/^PPid:\s*//p' "/proc/$process/status" 2>/dev/null) || true
    process=${process:-0}
  done
  found=${found%% *}
  echo "${found%%%*}"
}
