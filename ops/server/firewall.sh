# shellcheck shell=bash
# The firewall's file: a table of our own, beside whatever others there are.

# Writes the addresses that may reach port 22 into the table on standard input; any is everybody.
render_firewall() {
  local one four='' six='' sources=()
  if [ "$1" = any ]; then
    sources=(0.0.0.0/0 ::/0)
  else
    IFS=, read -r -a sources <<<"$1"
  fi
  for one in "${sources[@]}"; do
    case $one in
      *:*) six+=${six:+, }$one ;;
      *) four+=${four:+, }$one ;;
    esac
  done
  # A set may be empty, a list of elements may not.
  sed -e "s#@SSH_FROM_4@#$four#" -e "s#@SSH_FROM_6@#$six#" | sed '/elements = { *}/d'
}

has_firewall() { nft list table inet oven >/dev/null 2>&1; }
