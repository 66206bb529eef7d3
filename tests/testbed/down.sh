#!/usr/bin/env bash
# Stops what the test bed's scripts started, and only that; caches stay. Usage: down.sh [NAME...], by default everything.
. "$(dirname "$0")/lib.sh"

names=("$@")
[ $# -gt 0 ] || names=(kubelet proxy scheduler controller-manager apiserver etcd registry engine)
for name in "${names[@]}"; do
  case $name in
    kubelet)
      [ -f "$cache/run/kubelet.pid" ] || continue
      stop_server kubelet
      docker ps -aq --filter label=io.kubernetes.docker.type 2>/dev/null | xargs -r docker rm -f >/dev/null 2>&1 || true
      grep -o " $cache/cluster/kubelet[^ ]*" /proc/mounts | xargs -r umount 2>/dev/null || true
      ;;
    *) stop_server "$name" ;;
  esac
done
