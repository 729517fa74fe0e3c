# shellcheck shell=bash
# A change of what runs: a trial that nobody outside can reach, ended by all as new or all as it was.
#
# /opt/oven/trial holds what stood before, from before the first file is put until all is green.
# While it is there, whoever finds it, the end of this run or the next run, puts everything back.

TRIAL=$ROOT/opt/oven/trial

# Brings the machine to a release with a file of settings: bring_up RELEASE ENV
bring_up() {
  local list=$SCRATCH/list
  TREE=$SCRATCH/tree
  compose "$1" "$2"
  if [ -n "$(release_of current)" ]; then
    differences >"$list"
  else
    # Nothing has come true yet, whatever a first run that failed has written.
    paths >"$list"
  fi
  [ ! -s "$list" ] || check_candidate "$1" "$list"
  if ! has_systemd; then
    put "$list" "$TREE"
    tell_list "$list"
    enable_units
    say "systemd does not run here: nothing was started; all will be at the next boot"
    return
  fi
  if [ -s "$list" ]; then
    begin_trial "$list"
    put "$list" "$TREE"
    enable_units
    try_out "$list" || exit 1
    end_trial
    tell_list "$list"
  fi
  enable_units
  keep_running
}

tell_list() {
  local path
  while read -r path; do
    case $path in
      /opt/oven/current) changed "Oven is the release $(release_of current) now" ;;
      /opt/oven/previous) ;;
      *) changed "wrote $path" ;;
    esac
  done <"$1"
}

begin_trial() {
  rm -rf "$TRIAL.new"
  mkdir --mode=700 "$TRIAL.new" "$TRIAL.new/old"
  cp "$1" "$TRIAL.new/list"
  keep "$1" "$TRIAL.new/old"
  cp /proc/sys/kernel/random/boot_id "$TRIAL.new/boot"
  # What is newer than this was made in the trial.
  touch "$TRIAL.new/begun"
  sync --file-system "$TRIAL.new"
  mv --no-target-directory "$TRIAL.new" "$TRIAL"
}

# In this order: once the world comes in again, nothing may be put back any more.
end_trial() {
  mv --no-target-directory "$TRIAL" "$TRIAL.done"
  open_oven
  rm -rf "$TRIAL.done"
}

# Lets the changed files come true; fails where the service does not turn green, or Caddy does not start.
try_out() {
  local since
  since=$(date '+%F %T')
  make_ground_live "$1" || { tell_journal "$since" oven-firewall.service; return 1; }
  if touches_oven "$1"; then
    close_oven
    if systemctl is-active --quiet oven.service; then
      say "stopping Oven, which ends what it can first"
      systemctl stop oven.service
    fi
    say "starting Oven, and waiting until it is healthy"
    if ! start_oven; then
      say "the new state of Oven did not turn green: $RED"
      tell_journal "$since" oven.service
      return 1
    fi
  fi
  make_front_live "$1" || { tell_journal "$since" caddy.service; return 1; }
}

# Shows the last lines of a service, but for the requests that it answered: tell_journal SINCE UNIT
tell_journal() {
  say "the last lines of $2:"
  journalctl --quiet --no-pager --unit="$2" --since="$1" --output=cat | grep --invert-match request_answered | tail -n 15 >&2 || true
}

# Puts back what stood before the trial; may be broken off and repeated.
# Fails where there is no room for that: the next run then finds the trial, and ends it.
undo_trial() {
  set +e
  local list=$SCRATCH/undone
  cp "$TRIAL/list" "$list"
  if touches "$list" '^/opt/oven/current$' && [ ! -L "$TRIAL/old/opt/oven/current" ]; then
    systemctl disable --quiet --now oven.service
    rm -f "$ROOT/opt/oven/current"
    end_trial
    say "this was the first release here, so there is none to go back to: Oven is stopped"
    return
  fi
  say "going back to what ran before"
  ! touches_oven "$list" || systemctl stop oven.service
  if { touches_oven "$list" && ! restore_database; } || ! put "$list" "$TRIAL/old"; then
    say "not all can be put back: see above, make room on the disk, and run this again"
    return 1
  fi
  make_ground_live "$list"
  make_front_live "$list"
  # What ran before needs no trial: it is open as soon as it starts, for people wait.
  end_trial
  if touches_oven "$list"; then
    if start_oven; then
      say "Oven is the release $(release_of current) again, and healthy"
    else
      say "Oven is the release $(release_of current) again, but $RED: see 'journalctl -u oven'"
    fi
  fi
  set -e
}

# Where the new release migrated the database, the one before could not read it: the copy that was made
# before the migration takes its place.
# That loses nothing because nobody could post while the trial was on: the socket was closed to all but root.
# A job that ended meanwhile is done again, to the same objects, and its callback comes with the same id.
restore_database() {
  local folder=$ROOT/var/lib/oven copy
  [ ! -e "$TRIAL/restored" ] || return 0
  copy=$(find "$folder" -maxdepth 1 -name 'oven.db.before-*' -cnewer "$TRIAL/begun" | head -n 1)
  if [ -n "$copy" ]; then
    say "putting back the database as it was before its migration"
    cp --preserve=mode,ownership "$copy" "$folder/oven.db.restoring" &&
      sync "$folder/oven.db.restoring" &&
      rm -f "$folder/oven.db-wal" "$folder/oven.db-shm" &&
      mv --no-target-directory "$folder/oven.db.restoring" "$folder/oven.db" || return 1
  fi
  # From here on it has been done, and once the service is open it must not be done again.
  touch "$TRIAL/restored"
  [ -z "$copy" ] || rm -f "$copy"
}

# What a killed run left behind.
settle_trial() {
  rm -rf "$TRIAL.new" "$TRIAL.done"
  if [ -d "$TRIAL" ]; then
    if has_systemd && cmp --quiet "$TRIAL/boot" /proc/sys/kernel/random/boot_id; then
      say "an earlier run was broken off"
      undo_trial || exit 1
    else
      # The machine has booted since: what stood there then has been open to the world.
      mv --no-target-directory "$TRIAL" "$TRIAL.done"
      rm -rf "$TRIAL.done"
    fi
    changed "cleared away what a broken off run left"
  fi
  ! has_systemd || open_oven
}
