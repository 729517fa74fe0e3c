# shellcheck shell=bash
# What is said, and what is remembered of it for the end.

CHANGES=()
MISTAKES=()

say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# Something that was not as it should be is so now.
changed() { CHANGES+=("$*"); say "$*"; }

# Something that was asked for is wrong; all that is wrong is said together.
mistake() { MISTAKES+=("$*"); }

report() {
  if [ ${#CHANGES[@]} = 0 ]; then
    say "nothing changed"
  else
    say "changed: ${#CHANGES[@]}"
  fi
}

# Whether this machine's systemd runs: in a chroot, or while an image is made, it does not.
has_systemd() { [ -z "$ROOT" ] && [ -d /run/systemd/system ]; }

is_container() { systemd-detect-virt --quiet --container 2>/dev/null; }
