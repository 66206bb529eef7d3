#!/usr/bin/env bash
# Builds the control plane and the kubelet of Kubernetes from Debian's source package, once for a machine (about 6 minutes on 2 cores).
. "$(dirname "$0")/lib.sh"

bin=$cache/kubernetes
mkdir -p "$bin"
if [ -x "$bin/kubelet" ] && [ -x "$bin/kube-proxy" ] && [ -x "$bin/kube-apiserver" ]; then exit 0; fi

say "building Kubernetes (once for this machine; some minutes)"
install_packages golang-go gcc libc6-dev dpkg-dev make rsync jq golang-github-modern-go-reflect2-dev ca-certificates
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"; mkdir -p parts lists/partial
chmod 755 "$work"
shopt -s nullglob
for f in /etc/apt/sources.list.d/*.sources; do sed 's/^Types: deb$/Types: deb-src/' "$f" >"parts/$(basename "$f")"; done
[ ! -s /etc/apt/sources.list ] || sed 's/^deb /deb-src /' /etc/apt/sources.list >parts/main.list
apt=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$work/parts" -o "Dir::State::lists=$work/lists" -o APT::Sandbox::User=root)
apt-get "${apt[@]}" update -qq >/dev/null 2>&1 || true
apt-get "${apt[@]}" source -qq kubernetes >/dev/null 2>&1
cd kubernetes-*/
# This source vendors reflect2 1.0.1, which corrupts memory under Go 1.18 and later; Debian has 1.0.2.
rm -rf vendor/github.com/modern-go/reflect2
cp -r /usr/share/gocode/src/github.com/modern-go/reflect2 vendor/github.com/modern-go/reflect2
rm -f vendor/github.com/modern-go/reflect2/*_test.go
mkdir -p "$cache/log"
make WHAT="cmd/kube-apiserver cmd/kube-controller-manager cmd/kube-scheduler cmd/kube-proxy cmd/kubelet" GOLDFLAGS="-s -w" >"$cache/log/kubernetes-build.log" 2>&1 \
  || { tail -20 "$cache/log/kubernetes-build.log" >&2; exit 1; }
# Into place in one go: a build that was cut off must not look whole.
mkdir -p "$bin.new"
cp -L _output/bin/kube-{apiserver,controller-manager,scheduler,proxy} _output/bin/kubelet "$bin.new/"
mv "$bin.new"/* "$bin/" && rmdir "$bin.new"
