#!/usr/bin/env bash
# Starts a Kubernetes of one node over the local Docker Engine, on loopback, if it does not run yet. Needs engine.sh first.
# A test cluster and nothing else: its token is known. Prints the path of its kubeconfig.
. "$(dirname "$0")/lib.sh"

dir=$cache/cluster
bin=$cache/kubernetes
kubeconfig=$dir/kubeconfig
api=https://127.0.0.1:16443
etcd=http://127.0.0.1:12379

api_ready() { curl -skf -H 'Authorization: Bearer devtoken' "$api/readyz" >/dev/null; }
node_ready() { kubectl --kubeconfig "$kubeconfig" get nodes 2>/dev/null | grep -q ' Ready'; }

if [ -f "$kubeconfig" ] && api_ready && node_ready; then echo "$kubeconfig"; exit 0; fi

"$testbed_dir/kubernetes-build.sh"
need etcd etcd-server
need curl curl ca-certificates
need openssl openssl
need kubectl kubernetes-client
# The kubelet's port-forward through the Docker Engine runs socat in the pod's network namespace.
need socat socat
need nsenter util-linux
need conntrack conntrack
need gcc gcc libc6-dev

rm -rf "$dir/etcd" "$dir/kubelet" 2>/dev/null || true
mkdir -p "$dir"/{etcd,certs,kubelet}; cd "$dir"

if ! docker image inspect local/pause:1 >/dev/null 2>&1; then
  mkdir -p pause
  cat >pause/pause.c <<'C'
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
static void end(int signal) { (void)signal; _exit(0); }
static void reap(int signal) { (void)signal; while (waitpid(-1, 0, WNOHANG) > 0); }
int main(void) { signal(SIGINT, end); signal(SIGTERM, end); signal(SIGCHLD, reap); for (;;) pause(); }
C
  gcc -O2 -static -o pause/pause pause/pause.c
  printf 'FROM scratch\nCOPY pause /pause\nENTRYPOINT ["/pause"]\n' >pause/Dockerfile
  DOCKER_BUILDKIT=0 docker build -q -t local/pause:1 pause >/dev/null 2>&1
fi
[ -f sa.key ] || openssl genrsa -out sa.key 2048 2>/dev/null
echo 'devtoken,admin,admin,system:masters' >tokens.csv
chmod 600 tokens.csv

say "starting Kubernetes"
start_server etcd etcd --data-dir "$dir/etcd" --listen-client-urls "$etcd" --advertise-client-urls "$etcd" \
  --listen-peer-urls http://127.0.0.1:12380 --initial-advertise-peer-urls http://127.0.0.1:12380 --initial-cluster default=http://127.0.0.1:12380 --unsafe-no-fsync
start_server apiserver "$bin/kube-apiserver" --etcd-servers="$etcd" --bind-address=127.0.0.1 --secure-port=16443 --cert-dir="$dir/certs" \
  --service-cluster-ip-range=10.96.0.0/16 --token-auth-file=tokens.csv --authorization-mode=RBAC --service-account-key-file=sa.key \
  --service-account-signing-key-file=sa.key --service-account-issuer=https://kubernetes.default.svc --kubelet-preferred-address-types=Hostname \
  --allow-privileged=true --advertise-address=127.0.0.1 --disable-admission-plugins=ServiceAccount --endpoint-reconciler-type=none
wait_for 60 "the API server" api_ready
cat >"$kubeconfig" <<K
apiVersion: v1
kind: Config
clusters: [{name: devloop-test, cluster: {server: "$api", insecure-skip-tls-verify: true}}]
users: [{name: admin, user: {token: devtoken}}]
contexts: [{name: devloop-test, context: {cluster: devloop-test, user: admin}}]
current-context: devloop-test
K
chmod 600 "$kubeconfig"
start_server controller-manager "$bin/kube-controller-manager" --kubeconfig="$kubeconfig" --service-account-private-key-file=sa.key \
  '--controllers=*,-bootstrapsigner,-tokencleaner,-cloud-node-lifecycle,-route,-service' --leader-elect=false --bind-address=127.0.0.1 --port=0
start_server scheduler "$bin/kube-scheduler" --kubeconfig="$kubeconfig" --leader-elect=false --bind-address=127.0.0.1 --port=0
start_server kubelet "$bin/kubelet" --kubeconfig="$kubeconfig" --root-dir="$dir/kubelet" --pod-infra-container-image=local/pause:1 \
  --container-runtime=docker --network-plugin= --fail-swap-on=false --cgroup-driver=cgroupfs --cgroups-per-qos=false --enforce-node-allocatable= \
  --anonymous-auth=true --authorization-mode=AlwaysAllow --address=127.0.0.1 --hostname-override=localhost --node-ip=172.17.0.1 \
  --cluster-dns= --resolv-conf= --image-gc-high-threshold=100 --eviction-hard= --read-only-port=0 --v=2
start_server proxy "$bin/kube-proxy" --kubeconfig="$kubeconfig" --hostname-override=localhost --proxy-mode=iptables --cluster-cidr=172.17.0.0/16 \
  --healthz-bind-address=127.0.0.1:10256 --metrics-bind-address=127.0.0.1:10249 --conntrack-max-per-core=0 --conntrack-min=0
wait_for 60 "the node" node_ready
echo "$kubeconfig"
