# shellcheck shell=bash
# Addresses and networks of both families, as text: without any program, for on a bare machine there is none.

# Prints an address as hexadecimal digits, 8 or 32 of them; fails where it is none.
hex_of() {
  local text=$1 head tail part hex='' rest='' group
  case $text in
    *:*)
      # The last two groups may be written as an IPv4 address.
      if [[ $text == *.* ]]; then
        part=$(hex_of "${text##*:}") && [ ${#part} = 8 ] || return 1
        text="${text%:*}:${part:0:4}:${part:4}"
      fi
      [[ $text =~ ^[0-9a-fA-F:]+$ && $text != *:::* && $text != *::*::* ]] || return 1
      head=$text tail=''
      if [[ $text == *::* ]]; then
        head=${text%%::*} tail=${text#*::}
      fi
      [[ $head != :* && $head != *: && $tail != :* && $tail != *: ]] || return 1
      for group in ${head//:/ }; do
        [ ${#group} -le 4 ] || return 1
        hex+=$(printf '%04x' "0x$group")
      done
      for group in ${tail//:/ }; do
        [ ${#group} -le 4 ] || return 1
        rest+=$(printf '%04x' "0x$group")
      done
      if [[ $text == *::* ]]; then
        [ $((${#hex} + ${#rest})) -le 28 ] || return 1
        while [ $((${#hex} + ${#rest})) -lt 32 ]; do hex+=0000; done
      fi
      hex+=$rest
      [ ${#hex} = 32 ] || return 1
      ;;
    *)
      [[ $text =~ ^(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}$ ]] || return 1
      for part in ${text//./ }; do
        [ "$part" -le 255 ] || return 1
        hex+=$(printf '%02x' "$part")
      done
      ;;
  esac
  printf '%s\n' "${hex,,}"
}

# Whether a text is an address, or a network as 203.0.113.0/24.
is_network() {
  local hex
  hex=$(hex_of "${1%%/*}") || return 1
  [[ $1 != */* ]] || [[ ${1#*/} =~ ^(0|[1-9][0-9]{0,2})$ && ${1#*/} -le $((${#hex} * 4)) ]]
}

# Whether the address $1 is in the network $2.
is_within() {
  local address network bits full mask
  address=$(hex_of "$1") && network=$(hex_of "${2%%/*}") || return 1
  # Who comes by IPv4 to a socket of both families is shown as ::ffff:1.2.3.4.
  [[ ${#address} = 8 || $address != 00000000000000000000ffff* ]] || address=${address:24}
  [ ${#address} = ${#network} ] || return 1
  bits=$((${#network} * 4))
  [[ $2 != */* ]] || bits=${2#*/}
  full=$((bits / 4))
  [ "${address:0:full}" = "${network:0:full}" ] || return 1
  [ $((bits % 4)) != 0 ] || return 0
  mask=$((15 << (4 - bits % 4) & 15))
  [ $((0x${address:full:1} & mask)) = $((0x${network:full:1} & mask)) ]
}
