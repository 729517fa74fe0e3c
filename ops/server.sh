#!/usr/bin/env bash
# Makes this machine an Oven server, or brings the one that it is up to date; see docs/operating.md.
#
#   ./setup.sh server --domain NAME --env FILE [--ssh-from ADDRESSES]
#   ./setup.sh server                  as it was told the last time
#   ./setup.sh server --rollback       back to the release before, with the settings of now
#
# Every step looks before it writes: where all is as it should be, nothing is touched and nothing restarted.
# A run that was killed, at whatever point, is made whole by the next one.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
# For tests alone: where all files stand instead of /.
ROOT=${ROOT:-}

for part in "$PWD"/ops/server/*.sh; do
  # shellcheck source=/dev/null
  . "$part"
done

tell_usage() {
  say "usage: ./setup.sh server [--domain NAME] [--env FILE] [--ssh-from ADDRESSES] | --rollback"
  say "  --domain NAME         the name that the world finds this machine by, as oven.example.com"
  say "  --env FILE            the settings, as docs/configuration.md lists them"
  say "  --ssh-from ADDRESSES  who may reach port 22: addresses and networks with commas between, or any"
  say "  --rollback            back to the release that ran before; takes nothing else"
  say "  what is not given is as the last time"
}

read_arguments() {
  local name
  GOES_BACK='' ENV_FILE=$SETTINGS
  DOMAIN=$(remembered DOMAIN)
  SSH_FROM=$(remembered SSH_FROM)
  while [ $# != 0 ]; do
    name=$1
    case $name in
      --rollback) GOES_BACK=yes; shift; continue ;;
      --help | -h) tell_usage; exit ;;
      --domain=* | --env=* | --ssh-from=*) set -- "${name%%=*}" "${name#*=}" "${@:2}"; name=$1 ;;
      --domain | --env | --ssh-from) [ $# -ge 2 ] || mistake "$name needs a value" ;;
      *) mistake "$name is nothing that is known here"; shift; continue ;;
    esac
    case $name in
      --domain) DOMAIN=${2-} ;;
      --env) ENV_FILE=${2-} ;;
      --ssh-from) SSH_FROM=${2-} ;;
    esac
    given+=("$name")
    shift $(($# < 2 ? 1 : 2))
  done
  [ -z "$GOES_BACK" ] || [ ${#given[@]} = 0 ] || mistake "--rollback takes nothing else, but there is ${given[*]}"
  # Commas or blanks, as one likes; remembered with commas.
  SSH_FROM=$(tr -s ', \t\n' ',' <<<"${SSH_FROM:-any}" | sed 's/^,//; s/,$//')
}

check_arguments() {
  local there
  check_domain "$DOMAIN"
  check_env_file "$ENV_FILE"
  check_sources "$SSH_FROM"
  check_system
  check_caddyfile
  if [ -n "$GOES_BACK" ]; then
    there=$(release_of previous)
    [ -n "$there" ] || mistake "there is no release to go back to"
  fi
}

finish() {
  local status=$?
  trap '' HUP INT TERM PIPE
  [ "$status" = 0 ] || [ ! -d "$TRIAL" ] || undo_trial
  [ -z "${SCRATCH:-}" ] || rm -rf "$SCRATCH"
  exit "$status"
}

main() {
  local release given=()
  read_arguments "$@"
  check_arguments
  if [ ${#MISTAKES[@]} != 0 ]; then
    printf 'setup: %s\n' "${MISTAKES[@]}" >&2
    tell_usage
    exit 2
  fi
  [ "$(id -u)" = 0 ] || die "root is needed: run this as root, or with sudo"
  umask 022
  mkdir -p "$ROOT/run/lock"
  exec 9>>"$ROOT/run/lock/oven-setup"
  flock --nonblock 9 || die "another run of this is at work here; wait for its end"
  # What killed runs left, secrets in it.
  rm -rf "$ROOT"/run/oven-setup.*
  SCRATCH=$(mktemp --directory "$ROOT/run/oven-setup.XXXXXX")
  trap finish EXIT
  trap 'exit 1' HUP INT TERM

  settle_trial
  install_packages
  make_account
  make_folders
  make_swap
  if [ -n "$GOES_BACK" ]; then
    release=$(release_of previous)
  else
    release=$(release_id)
    build_release "$release"
  fi
  bring_up "$release" "$ENV_FILE"
  remove_old_releases
  report
}

main "$@"
