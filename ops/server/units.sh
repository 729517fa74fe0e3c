# shellcheck shell=bash
# The services: what is enabled, what runs, what a changed file asks for.

TRIAL_CONF=/run/systemd/system/oven.service.d/trial.conf
# How long a release that runs may take to be healthy.
GREEN_S=30
# A release that ends by itself does so at once, as a rule; so long it is watched after its first green.
STEADY_S=2

units() {
  echo oven-firewall.service caddy.service oven.service oven-backup.timer
  [ ! -e "$SWAP_FILE" ] || echo swapfile.swap
}

enable_units() {
  local unit
  for unit in $(units); do
    if ! systemctl is-enabled --quiet "$unit" 2>/dev/null; then
      systemctl enable --quiet "$unit" 2>/dev/null
      changed "enabled $unit"
    fi
  done
}

# Whether a list of paths has one that the pattern describes: touches LIST PATTERN
touches() { grep --quiet --extended-regexp "$2" "$1"; }

touches_oven() { touches "$1" '^/opt/oven/current$|^/etc/oven/oven\.env$|^/etc/systemd/system/oven\.service'; }

# Nobody but root comes into the socket's folder, so nobody posts; Caddy lets requests wait meanwhile.
close_oven() {
  mkdir -p "$(dirname "$TRIAL_CONF")"
  printf '%s\n' "[Service]" "RuntimeDirectoryMode=0700" >"$TRIAL_CONF"
  systemctl daemon-reload
}

open_oven() {
  [ -e "$TRIAL_CONF" ] || return 0
  rm -f "$TRIAL_CONF"
  systemctl daemon-reload
  # What the unit says, without a restart.
  [ ! -d /run/oven ] || chmod 750 /run/oven
}

# Starts the service and waits until it is healthy; fails with the reason in RED.
start_oven() {
  systemctl reset-failed oven.service 2>/dev/null || true
  systemctl start --no-block oven.service
  await_green
}

# Waits until the service is healthy and stays so; fails with the reason in RED.
# A database may take its time to be migrated: how long a start takes at most is the unit's to say.
await_green() {
  local state pid until='' green_pid=''
  while :; do
    state=$(systemctl show oven.service --property=ActiveState --value)
    pid=$(systemctl show oven.service --property=MainPID --value)
    if [ "$(systemctl show oven.service --property=NRestarts --value)" != 0 ] || [ "$state" = failed ]; then
      # Why, systemd forgets when it starts it anew; its log tells.
      RED="it ended by itself"
      return 1
    elif [ "$state" = active ]; then
      until=${until:-$((SECONDS + GREEN_S))}
      if is_healthy; then
        [ "$pid" != "$green_pid" ] || return 0
        green_pid=$pid
        sleep "$STEADY_S"
        continue
      fi
      if [ "$SECONDS" -ge "$until" ]; then
        RED="after $GREEN_S s /health is not green: $(red_checks)"
        return 1
      fi
    elif [ "$state" = inactive ] && [ -z "$(systemctl list-jobs --no-legend oven.service)" ]; then
      RED="it does not run"
      return 1
    fi
    sleep 0.5
  done
}

is_healthy() {
  [ "$(curl --silent --max-time 15 --output "$SCRATCH/health" --write-out '%{http_code}' \
    --unix-socket /run/oven/oven.sock http://localhost/health 2>/dev/null)" = 200 ]
}

# Prints which checks are red, as "store UPLOAD_FAILED".
red_checks() {
  python3 - "$SCRATCH/health" 2>/dev/null <<'PYTHON' || echo "it does not answer"
import json, sys
checks = json.load(open(sys.argv[1]))["checks"]
print(", ".join(f"{name} {found}" for name, found in checks.items() if found != "ok") or "no check is red")
PYTHON
}

# Lets what files say come true of what Oven stands on: make_ground_live LIST
make_ground_live() {
  systemctl daemon-reload
  if touches "$1" '/oven-firewall\.service$|/firewall\.nft$'; then
    systemctl reload-or-restart oven-firewall.service || return 1
  fi
  if touches "$1" '/sysctl\.d/'; then
    sysctl --quiet --load="$ROOT/etc/sysctl.d/60-oven.conf" || say "this machine keeps its vm.swappiness"
  fi
}

# And of what stands before it, or looks after it: make_front_live LIST
make_front_live() {
  if touches "$1" '/caddy\.service\.d/|/machine\.conf$' || ! systemctl is-active --quiet caddy.service; then
    # Its domain, or its groups, which a reload does not change.
    systemctl restart caddy.service || return 1
  elif touches "$1" '/Caddyfile$'; then
    systemctl reload caddy.service || systemctl restart caddy.service || return 1
  fi
  if touches "$1" '/oven-backup\.timer$'; then
    systemctl restart oven-backup.timer || return 1
  fi
}

# Starts what should run and does not.
keep_running() {
  local unit
  for unit in $(units); do
    systemctl is-active --quiet "$unit" && continue
    [ "$unit" != oven.service ] || continue
    systemctl start "$unit" || die "$unit does not start; 'journalctl -u $unit' says why"
    changed "started $unit"
  done
  if ! has_firewall; then
    systemctl restart oven-firewall.service
    changed "loaded the firewall again"
  fi
  case $(systemctl show oven.service --property=ActiveState --value) in
    active | activating | reloading) is_healthy || await_green || die "Oven runs, but $RED" ;;
    *)
      start_oven || die "Oven was stopped, and cannot be started: $RED"
      changed "started oven.service"
      ;;
  esac
}
