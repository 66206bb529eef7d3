#!/usr/bin/env bash
# Starts a Docker Engine if none answers.
. "$(dirname "$0")/lib.sh"

need dockerd docker.io iptables
if docker info >/dev/null 2>&1; then exit 0; fi

# Where CAP_SYS_RESOURCE (capabilities(7), bit 24) is withheld, runc may not set a negative oom_score_adj, and no pod would start.
runtime=()
effective=$((16#$(awk '/^CapEff/{print $2}' /proc/self/status)))
if ! (((effective >> 24) & 1)); then
  runtime=(--add-runtime "noadj=$testbed_dir/runc-noadj" --default-runtime noadj)
fi
say "starting a Docker Engine"
start_server engine dockerd --data-root "$cache/engine" "${runtime[@]}"
wait_for 60 "the Docker Engine" docker info || { tail -5 "$cache/log/engine.log" >&2; exit 1; }
