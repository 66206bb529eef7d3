#!/usr/bin/env bash
# Brings up engine, registry and cluster, each only when it does not answer yet. Prints what to `eval`:
# the addresses, and in DEVLOOP_TESTBED_STARTED the names to hand to down.sh.
. "$(dirname "$0")/lib.sh"

running() { for f in "$cache"/run/*.pid; do [ -e "$f" ] && basename "$f" .pid; done | sort; }

before=$(mktemp); trap 'rm -f "$before"' EXIT
running >"$before"
"$testbed_dir/engine.sh"
"$testbed_dir/registry.sh"
need /bin/busybox busybox-static
kubeconfig=${DEVLOOP_TEST_KUBECONFIG:-}
[ -n "$kubeconfig" ] || kubeconfig=$("$testbed_dir/cluster.sh")
# In the order in which they are to stop.
started=
for name in kubelet proxy scheduler controller-manager apiserver etcd registry engine; do
  [ -f "$cache/run/$name.pid" ] && ! grep -qx "$name" "$before" && started="$started $name"
done
cat <<V
export DEVLOOP_TEST_KUBECONFIG='$kubeconfig'
export DEVLOOP_TEST_REGISTRY=127.0.0.1:5005
export DEVLOOP_TESTBED_STARTED='${started# }'
V
