# shellcheck shell=bash disable=SC2154,SC2064 # sourced by lab, which sets what is used here; traps say now whom they are about
# What happens to radios and machines. Frames are dropped where they would leave the air for their receiver: they have used it, as frames
# that nobody hears do, and nobody is told.

# Drops what node number $1 sends to node number $2. A program of four instructions: the last bytes of the sender's address, compared.
drop() {
  tc -n "$air" filter add dev "p$2" egress protocol all prio "$((100 + $1))" bpf direct-action bytecode "4,40 0 0 10,21 0 1 $1,6 0 0 2,6 0 0 4294967295"
}

allow() {
  tc -n "$air" filter delete dev "p$2" egress prio "$((100 + $1))" 2>/dev/null || true
}

blackhole() {
  local from to
  from=$(index "$1")
  to=$(index "$2")
  allow "$from" "$to"
  drop "$from" "$to"
  if (($# == 3)); then
    trap "allow $from $to" EXIT
    seconds "$3"
  fi
}

# A port that forwards nothing either way. The node sees a carrier, as it does of an access point that does not answer.
outage() {
  local k
  k=$(index "$1")
  bridge -n "$air" link set dev "p$k" state 0
  if (($# == 2)); then
    trap "bridge -n $air link set dev p$k state 3" EXIT
    seconds "$2"
  fi
}

partition() {
  local -a groups=("$@")
  local one other a b
  for one in "${groups[@]}"; do
    for other in "${groups[@]}"; do
      [[ "$one" == "$other" ]] && continue
      for a in ${one//,/ }; do
        for b in ${other//,/ }; do
          blackhole "$a" "$b"
        done
      done
    done
  done
}

heal() {
  local k
  for k in $(seq "$(nodes | wc -l)"); do
    tc -n "$air" filter delete dev "p$k" egress 2>/dev/null || true
    bridge -n "$air" link set dev "p$k" state 3
  done
}

signal() {
  index "$2" >/dev/null
  ip netns pids "$prefix$2" | xargs -r kill "-$1"
}

pause() {
  signal STOP "$1"
  trap "signal CONT $1" EXIT
  seconds "$2"
}

# Who cannot be heard by node number $1.
unheard() {
  local at
  tc -n "$air" filter show dev "p$1" egress 2>/dev/null | awk '/bytecode/ { print $5 - 100 }' | sort -un |
    while read -r at; do nodes | sed -n "${at}p"; done | paste -sd ' '
}

show() {
  local node k=0 reach
  nodes >/dev/null
  printf '%-12s %-12s %-14s %-14s %10s %10s %s\n' node address wire processes 'sent kB' 'heard kB' 'out of reach'
  while read -r node; do
    k=$((k + 1))
    reach=$(unheard "$k")
    [[ "$(bridge -n "$air" link show dev "p$k")" == *"state forwarding"* ]] || reach=everybody
    printf '%-12s %-12s %-14s %-14s %10d %10d %s\n' "$node" "10.77.0.$k" "$(wire_address "$k")" "$(ip netns pids "$prefix$node" | wc -l)" \
      "$(kilobytes "$k" rx)" "$(kilobytes "$k" tx)" "$reach"
  done < <(nodes)
  echo "air: $(tc -n "$air" qdisc show dev ifb0 | grep -o 'rate [^ ]*'), $(tc -n "$air" -s qdisc show dev ifb0 | grep -o 'dropped [0-9]*') of its queue of $(<"$state/queue")"
}

# The bridge's side: what a node sends is received there.
kilobytes() {
  echo $(($(ip netns exec "$air" cat "/sys/class/net/p$1/statistics/${2}_bytes") / 1000))
}
