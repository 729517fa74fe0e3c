# shellcheck shell=bash
# A swap file of 2 GiB, where there is no swap and there is room; an encode that needs more than thought finds it.

SWAP_FILE=/swapfile
SWAP_MIB=2048
# What must stay free on the disk.
SWAP_LEAVES_MIB=6144

make_swap() {
  local free
  # Another swap, or this one.
  [ "$(wc -l </proc/swaps)" -le 1 ] && [ ! -e "$SWAP_FILE" ] || return 0
  if is_container || ! has_systemd; then
    say "no swap file is made: a container's or a chroot's memory is not its own"
    return 0
  fi
  free=$(df --output=avail --block-size=1M / | tail -n 1)
  if [ "$free" -lt $((SWAP_MIB + SWAP_LEAVES_MIB)) ]; then
    say "no swap file is made: only $free MiB are free"
    return 0
  fi
  # Swap must not have holes, which not every file system can promise otherwise.
  rm -f "$SWAP_FILE.new"
  (umask 077 && dd if=/dev/zero of="$SWAP_FILE.new" bs=1M count=$SWAP_MIB status=none)
  if mkswap "$SWAP_FILE.new" >/dev/null; then
    mv -T "$SWAP_FILE.new" "$SWAP_FILE"
    changed "made the swap file $SWAP_FILE"
  else
    rm -f "$SWAP_FILE.new"
    say "no swap file is made: this machine cannot"
  fi
}
