# shellcheck shell=bash disable=SC2154 # sourced by lab, which sets what is used here
# A fleet of Tilestream inside: a node in each namespace, reached by the others over the air and by this machine over the wire.

fleet() {
  local repository=$1 robot_speed=1 edge_speed=1 node seeds pid
  shift
  while (($#)); do
    case "$1" in
      --robot-speed) robot_speed=${2:?speed} && shift 2 ;;
      --edge-speed) edge_speed=${2:?speed} && shift 2 ;;
      --) shift && break ;;
      *) status=2 fail "fleet: $1 (expected: --robot-speed, --edge-speed or --)" ;;
    esac
  done
  [[ -d "$repository" ]] || status=2 fail "fleet: $repository is no directory (expected: DIR/<model>/<version>/model.onnx)"
  repository=$(readlink -f -- "$repository")
  mkdir -p "$state/logs"
  seeds=$(nodes | head -n 3 | while read -r node; do echo "10.77.0.$(index "$node"):$akka_port"; done | paste -sd ,)
  local first
  first=$(nodes | head -n 1)
  trap 'trap - EXIT; stop_fleet' EXIT
  trap 'exit 0' INT TERM
  # The launcher builds and rehearses once, not in each namespace.
  "$here/../../tilestream" fleet --help >/dev/null
  for node in $(nodes); do
    local -a command=("$here/../../tilestream" node --role "$(role "$node")" --name "$node" --host "10.77.0.$(index "$node")" --port "$akka_port"
      --seed "$([[ "$node" == "$first" ]] && echo "${seeds%%,*}" || echo "$seeds")" --expect "$(nodes | wc -l)"
      --http-host "$(wire_address "$(index "$node")")" --http-port "$http_port" --metrics-port "$metrics_port" --repository "$repository"
      --speed "$([[ "$(role "$node")" == edge ]] && echo "$edge_speed" || echo "$robot_speed")" "$@")
    TILESTREAM_NO_BUILD=1 ip netns exec "$prefix$node" "${command[@]}" </dev/null >"$state/logs/$node.log" 2>&1 &
    echo $! >"$state/$node.pid"
  done
  for node in $(nodes); do
    pid=$(<"$state/$node.pid")
    until grep -qs "^node $node ready" "$state/logs/$node.log"; do
      kill -0 "$pid" 2>/dev/null || fail "$node died before it was ready: $(tail -n 3 "$state/logs/$node.log")"
      sleep 0.2
    done
  done
  printf '%-12s %-7s %-12s %-26s %8s %s\n' node role address http pid log
  for node in $(nodes); do
    printf '%-12s %-7s %-12s %-26s %8s %s\n' "$node" "$(role "$node")" "10.77.0.$(index "$node")" \
      "http://$(wire_address "$(index "$node")"):$http_port" "$(<"$state/$node.pid")" "$state/logs/$node.log"
  done
  wait
}

role() {
  [[ "$1" == edge* ]] && echo edge || echo robot
}

stop_fleet() {
  local pids
  pids=$(jobs -p)
  # shellcheck disable=SC2086 # several, separated by blanks
  [[ -z "$pids" ]] || kill $pids 2>/dev/null || true
  wait
}
