#!/usr/bin/env bash
# Brings up engine, registry and cluster, or those named, each only when it does not answer yet.
#   up.sh [engine] [registry] [cluster]
# Prints what to `eval`: the addresses, and in DEVLOOP_TESTBED_STARTED the names to hand to down.sh.
. "$(dirname "$0")/lib.sh"

running() {
  local file
  for file in "$cache"/run/*.pid; do
    if [ -e "$file" ]; then basename "$file" .pid; fi
  done
}

parts=${*:-engine registry cluster}
before=$(mktemp); trap 'rm -f "$before"' EXIT
running >"$before"
kubeconfig=${DEVLOOP_TEST_KUBECONFIG:-}
failed=
bring_up() {
  "$testbed_dir/engine.sh" || return
  need_static_busybox || return
  [[ " $parts " != *' registry '* ]] || "$testbed_dir/registry.sh" || return
  [[ " $parts " != *' cluster '* ]] || [ -n "$kubeconfig" ] || kubeconfig=$("$testbed_dir/cluster.sh") || return
}
# What came up before a failure is named too, so that it can be stopped.
bring_up || failed=1
# In the order in which they are to stop.
started=
for name in kubelet proxy scheduler controller-manager apiserver etcd registry engine; do
  if [ -f "$cache/run/$name.pid" ] && ! grep -qx "$name" "$before"; then started="$started $name"; fi
done
cat <<V
export DEVLOOP_TEST_KUBECONFIG='$kubeconfig'
export DEVLOOP_TEST_REGISTRY=127.0.0.1:5005
export DEVLOOP_TESTBED_STARTED='${started# }'
V
[ -z "$failed" ] || echo false
