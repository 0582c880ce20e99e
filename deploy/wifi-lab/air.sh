# shellcheck shell=bash disable=SC2154,SC2064 # sourced by lab, which sets what is used here; traps say now what they are about
# The air: a bridge in a namespace of its own, and one token bucket that every frame passes once, whoever sends it to whom.
#
# Each node's namespace has two devices: air0, whose other end pK is a port of the bridge, and wire0, a cable to this machine past the air.
# Whatever comes in at a port is redirected to the egress of ifb0, where the bucket is, and put back behind it.

require_tools() {
  [[ "$verb" == address || "$verb" == wire || "$verb" == show ]] && return
  ((EUID == 0)) || status=3 fail "not root (expected: root, for namespaces and traffic control)"
  command -v ip >/dev/null && command -v tc >/dev/null && return
  if command -v apt-get >/dev/null; then
    apt-get install -qq -y iproute2 >/dev/null 2>&1 || { apt-get update -qq && apt-get install -qq -y iproute2; } >/dev/null 2>&1 || true
  fi
  command -v ip >/dev/null && command -v tc >/dev/null || status=3 fail "no ip or no tc (expected: Debian's package iproute2)"
}

# Builds the smallest lab: what a kernel can do is best asked by doing it.
check() {
  local reason can=yes
  export TILESTREAM_LAB="chk$((BASHPID % 10000))"
  reason=$({ "$here/lab" up 2 && "$here/lab" blackhole robot-1 edge-1; } 2>&1) || can=no
  "$here/lab" down
  [[ "$can" == yes ]] || status=3 fail "no lab on this machine: $(tail -n 1 <<<"$reason") (expected: veth, bridge, ifb, tbf and cls_bpf in the kernel)"
  echo "this machine can have a lab"
}

up() {
  local names=$1 rate=93mbit node k=0
  shift
  while (($#)); do
    case "$1" in
      --rate) rate=${2:?rate} ;;
      --queue) queue=${2:?time} ;;
      *) status=2 fail "up: $1 (expected: --rate or --queue)" ;;
    esac
    shift 2
  done
  if [[ "$names" =~ ^[0-9]+$ ]]; then names="$(seq -s '' -f 'robot-%g,' "$((names - 1))")edge-1"; fi
  [[ "$names" =~ ^[a-z0-9-]{1,20}(,[a-z0-9-]{1,20})*$ ]] || status=2 fail "up: $names (expected: a number, or names of a-z, 0-9 and - with commas between)"
  down
  trap 'down' ERR
  # Two labs that come up at the same time must not take the same wires.
  exec 9>/run/lock/tilestream-lab
  flock 9
  mkdir -p "$state"
  tr , '\n' <<<"$names" >"$state/nodes"
  ip netns add "$air"
  ip -n "$air" link add air type bridge forward_delay 0 stp_state 0
  ip -n "$air" link set air up
  ip -n "$air" link add ifb0 type ifb
  ip -n "$air" link set ifb0 up
  bucket add "$rate"
  free_wires >"$state/wires"
  while read -r node; do
    k=$((k + 1))
    plug "$node" "$k"
  done <"$state/nodes"
  exec 9>&-
  trap - ERR
}

# The third number of the wires' addresses: the first that no other lab of this machine has.
free_wires() {
  local third
  for third in {0..255}; do
    ip -o -4 address show | grep -q " 10\.78\.$third\." || { echo "$third" && return; }
  done
  fail "10.78.0.0/16 is full (expected: room for a lab's wires)"
}

wire_address() {
  nodes >/dev/null
  echo "10.78.$(<"$state/wires").$((2 * $1 + 1))"
}

# Node number $2, named $1. What the frames of a node are known by in the faults is its hardware address.
plug() {
  local node=$prefix$1 k=$2 third
  third=$(<"$state/wires")
  ip netns add "$node"
  ip -n "$node" link set lo up
  ip -n "$air" link add "p$k" type veth peer name air0 netns "$node"
  ip -n "$node" link set air0 address "$(hardware "$k")" up
  ip -n "$node" address add "10.77.0.$k/24" dev air0
  ip -n "$air" link set "p$k" master air up
  tc -n "$air" qdisc add dev "p$k" clsact
  tc -n "$air" filter add dev "p$k" ingress protocol all prio 1 u32 match u32 0 0 action mirred egress redirect dev ifb0
  ip link add "$lab-w$k" type veth peer name wire0 netns "$node"
  ip link set "$lab-w$k" up
  ip address add "10.78.$third.$((2 * k))/31" dev "$lab-w$k"
  ip -n "$node" link set wire0 up
  ip -n "$node" address add "10.78.$third.$((2 * k + 1))/31" dev wire0
}

hardware() {
  printf '02:00:00:00:00:%02x' "$1"
}

bits_per_second() {
  awk -v rate="$1" 'BEGIN {
    unit["bit"] = 1; unit["kbit"] = 1e3; unit["mbit"] = 1e6; unit["gbit"] = 1e9
    number = rate; sub(/[a-z]+$/, "", number); word = substr(rate, length(number) + 1)
    if (number !~ /^[0-9]+([.][0-9]+)?$/ || !(word in unit) || number * unit[word] < 1000) exit 1
    printf "%.0f\n", number * unit[word]
  }' || status=2 fail "rate: $1 (expected: e.g. 93mbit or 400kbit, 1kbit at least)"
}

# $1 add or change, $2 the rate. A bucket of two milliseconds and of one large frame: what a timer that comes late may make up for.
bucket() {
  local bits
  bits=$(bits_per_second "$2")
  tc -n "$air" qdisc "$1" dev ifb0 root tbf rate "${bits}bit" burst "$(burst "$bits")" latency "$queue"
  echo "$2" >"$state/rate"
  echo "$queue" >"$state/queue"
}

burst() {
  echo $(($1 / 4000 > 16384 ? $1 / 4000 : 16384))
}

rate() {
  queue=$(<"$state/queue")
  bucket change "$1"
}

# One tc takes all changes of a trace; a line every tenth of a second must not cost a process each.
follow() {
  local file=$1 factor=1 once='' began now line at bits bucket
  shift
  while (($#)); do
    case "$1" in
      --factor) factor=${2:?factor} && shift 2 ;;
      --once) once=yes && shift ;;
      *) status=2 fail "trace: $1 (expected: --factor or --once)" ;;
    esac
  done
  nodes >/dev/null
  queue=$(<"$state/queue")
  [[ -r "$file" && "$(head -n 1 "$file" | tr -d '\r')" == t_s,mbit_s ]] || status=2 fail "trace: $file (expected: a CSV file that begins with t_s,mbit_s)"
  local -a lines
  # Microseconds, bits a second and the bucket. There is no rate 0: an outage is the least that there is.
  mapfile -t lines < <(awk -F , -v factor="$factor" '
    NR > 1 && NF == 2 {
      bits = $2 * 1e6 * factor
      printf "%.0f %.0f %.0f\n", $1 * 1e6, (bits < 1000 ? 1000 : bits), (bits > 65536000 ? bits / 4000 : 16384)
      end = 2 * $1 - last
      last = $1
    }
    END { printf "%.0f 0 0\n", end * 1e6 }' "$file")
  ((${#lines[@]} > 2)) || status=2 fail "trace: $file has $((${#lines[@]} - 1)) lines of numbers (expected: at least 2)"
  exec {never}<> <(:)
  coproc CHANGES { exec tc -n "$air" -batch -; }
  echo "$BASHPID" >"$state/trace"
  trap "bucket change $(<"$state/rate") 2>/dev/null || true" EXIT
  while true; do
    began=${EPOCHREALTIME/[.,]/}
    for line in "${lines[@]}"; do
      read -r at bits bucket <<<"$line"
      now=${EPOCHREALTIME/[.,]/}
      if ((began + at > now)); then wait_microseconds $((began + at - now)); fi
      ((bits == 0)) || echo "qdisc change dev ifb0 root tbf rate ${bits}bit burst $bucket latency $queue" >&"${CHANGES[1]}"
    done
    [[ -z "$once" ]] || return 0
  done
}

wait_microseconds() {
  local fraction
  printf -v fraction '%d.%06d' $(($1 / 1000000)) $(($1 % 1000000))
  # Nothing ever comes there: a sleep without a process.
  read -rt "$fraction" -u "$never" || true
}

# Everything that bears the lab's name, whatever its state says.
down() {
  local space wire
  if [[ -f "$state/trace" ]] && grep -qs wifi-lab "/proc/$(<"$state/trace")/cmdline"; then kill "$(<"$state/trace")" 2>/dev/null || true; fi
  for space in $(spaces); do
    ip netns pids "$space" | xargs -r kill -9 2>/dev/null || true
    ip netns delete "$space"
  done
  # The wires would go with the namespaces, but seconds later on a busy machine.
  for wire in $(ip -o link show type veth | awk -v begin="$lab-w" '{ sub(/@.*/, "", $2) } index($2, begin) == 1 { print $2 }'); do
    ip link delete "$wire" 2>/dev/null || true
  done
  rm -rf "$state"
  rmdir --ignore-fail-on-non-empty "${state%/*}" 2>/dev/null || true
}

spaces() {
  ip netns list | awk -v prefix="$prefix" 'index($1, prefix) == 1 { print $1 }'
}
