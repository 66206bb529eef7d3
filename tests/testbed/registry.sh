#!/usr/bin/env bash
# Starts a registry on 127.0.0.1:5005 if none answers.
. "$(dirname "$0")/lib.sh"

url=http://127.0.0.1:5005/v2/
need curl curl ca-certificates
if curl -fs "$url" >/dev/null; then exit 0; fi
need docker-registry docker-registry
cat >"$cache/registry.yml" <<Y
version: 0.1
storage: {filesystem: {rootdirectory: $cache/registry}, delete: {enabled: true}}
http: {addr: "127.0.0.1:5005"}
log: {level: warn}
Y
say "starting a registry"
start_server registry docker-registry serve "$cache/registry.yml"
wait_for 20 "the registry" curl -fs "$url" || { tail -5 "$cache/log/registry.log" >&2; exit 1; }
