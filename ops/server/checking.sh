# shellcheck shell=bash
# Whether a release could work here with its settings, before anything is switched to it.

# Writes a unit that runs `oven check --live` in all that oven.service says it runs in: check_unit RELEASE
# Its socket's folder is another, for it goes when this ends; what a service alone can say is left out.
check_unit() {
  local release=$RELEASES/$1 extra
  sed -e ':join' -e '/\\$/{N;s/\\\n//;bjoin' -e '}' "$release/oven.service" | sed -E \
    -e '/^\[Install\]/,$d' \
    -e '/^(Type|NotifyAccess|WatchdogSec|Exec(StartPre|Start|StartPost|Reload|Stop|StopPost)|Restart[A-Za-z]*)=/d' \
    -e '/^(RuntimeDirectory[A-Za-z]*|LoadCredential|Timeout[A-Za-z]*)=/d' \
    -e 's#/run/oven([[:space:]/]|$)#/run/oven-check\1#g'
  for extra in "$TREE/etc/systemd/system/oven.service.d/machine.conf" "$ROOT"/etc/systemd/system/oven.service.d/*.conf; do
    # Those of an operator count, as they would for the service.
    [ ! -e "$extra" ] || [ "$extra" = "$ROOT/etc/systemd/system/oven.service.d/machine.conf" ] || cat "$extra"
  done
  printf '%s\n' "[Service]" "Type=oneshot" "TimeoutStartSec=300" \
    "ExecStart=$release/.venv/bin/oven check --live" \
    "LoadCredential=oven.env:$TREE/etc/oven/oven.env" \
    "RuntimeDirectory=oven-check" \
    "StandardOutput=truncate:$SCRATCH/check" "StandardError=inherit"
}

run_check() {
  local status=0 since
  if has_systemd; then
    since=$(date '+%F %T')
    check_unit "$1" >/run/systemd/system/oven-check.service
    systemctl daemon-reload
    # A killed run's check may still be at work, with what that was given.
    systemctl restart oven-check.service 2>/dev/null || status=1
    # Where not even the check could start, the journal has the reason.
    [ "$status" = 0 ] || [ -s "$SCRATCH/check" ] ||
      journalctl --quiet --no-pager --unit=oven-check.service --since="$since" --lines=5 --output=cat >"$SCRATCH/check"
    rm -f /run/systemd/system/oven-check.service
    systemctl daemon-reload
    systemctl reset-failed oven-check.service 2>/dev/null || true
  else
    # No service, no sandbox, and perhaps no network: what can be told without.
    env --ignore-environment PATH="$PATH" PYTHONDONTWRITEBYTECODE=1 \
      OVEN_ENV_FILE="$TREE/etc/oven/oven.env" OVEN_PUBLIC_URL="https://$DOMAIN" \
      OVEN_DATA_DIR=/var/lib/oven TEMP_DIR=/var/cache/oven OVEN_SOCKET=/run/oven/oven.sock \
      "$RELEASES/$1/.venv/bin/oven" check >"$SCRATCH/check" 2>&1 || status=1
  fi
  return $status
}

# Says how to go back behind a migration, which is the operator's to decide.
tell_copy() {
  local file=$ROOT/var/lib/oven/oven.db copy
  copy=$(find "$ROOT/var/lib/oven" -maxdepth 1 -name 'oven.db.before-*' -printf '%T@ %p\n' | sort --numeric-sort | tail -n 1 | cut --delimiter=' ' --fields=2)
  [ -n "$copy" ] || return 0
  say "the database has been migrated since; to go back to how it was before, and lose what came after:"
  say "  systemctl stop oven && rm -f $file-wal $file-shm && cp -p $copy $file && ./setup.sh server --rollback"
}

# Ends this run where the release or a file would not do: check_candidate RELEASE LIST
check_candidate() {
  local report
  if touches_oven "$2"; then
    say "checking the release $1 with its settings"
    if ! run_check "$1"; then
      report=$(<"$SCRATCH/check")
      # By the name that it has for who gave it.
      printf '%s\n' "${report//"/run/credentials/oven-check.service/oven.env"/"$ENV_FILE"}" >&2
      ! grep --quiet STORE_TOO_NEW "$SCRATCH/check" || tell_copy
      die "the release $1 would not work here: the reason stands above; the service goes on as it was"
    fi
    grep '^warn' "$SCRATCH/check" >&2 || true
    tell_overruled "$TREE/etc/oven/oven.env"
  fi
  if touches "$2" '/firewall\.nft$' && has_systemd; then
    nft --check --file "$TREE/etc/oven/firewall.nft" || die "the firewall's file is not right; the service goes on as it was"
  fi
  if touches "$2" '/Caddyfile$|/machine\.conf$'; then
    # As its own user: as root it would make files that it could not write to afterwards.
    (cd / && runuser --user caddy -- env HOME=/var/lib/caddy DOMAIN="$DOMAIN" \
      caddy validate --adapter caddyfile --config "$RELEASES/$1/Caddyfile") >"$SCRATCH/caddy" 2>&1 || {
      tail -n 5 "$SCRATCH/caddy" >&2
      die "Caddy does not take the Caddyfile of the release $1; the service goes on as it was"
    }
  fi
}
