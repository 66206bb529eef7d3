#!/bin/bash
# Compiles the helper: build.sh [DIRECTORY [amd64|arm64]...]. Without a directory it makes what is embedded, and writes down by what
# compilers. The same compiler gives the same bytes. Debian has them in gcc, libc6-dev, gcc-aarch64-linux-gnu and
# linux-libc-dev-arm64-cross.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-$here}
shift || true
platforms=${*:-amd64 arm64}

compile() {
  local compiler=$1 output=$2; shift 2
  (cd "$here" && "$compiler" -std=gnu11 -Os -Wall -Wextra -Werror -ffreestanding -fno-builtin -fno-stack-protector -fno-ident \
    -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-pie -no-pie -nostdlib -static -ffunction-sections "$@" \
    -Wl,--build-id=none -Wl,--strip-all -Wl,-z,noexecstack -Wl,-z,norelro -Wl,--gc-sections \
    -o "$output" base.c tar.c apply.c run.c restart.c main.c)
}

for platform in $platforms; do
  case $platform in
    amd64) compile gcc "$out/helper-amd64" -m64 -fcf-protection=none -Wl,-z,max-page-size=4096 ;;
    # Nodes of arm64 may have pages of 64 KiB.
    arm64) compile aarch64-linux-gnu-gcc "$out/helper-arm64" -mno-outline-atomics -Wl,-z,max-page-size=65536 ;;
    *) echo "no such platform: $platform" >&2; exit 2 ;;
  esac
done

if [ "$out" = "$here" ]; then
  {
    echo "amd64 gcc $(gcc -dumpfullversion) $(gcc --version | head -1)"
    echo "arm64 gcc $(aarch64-linux-gnu-gcc -dumpfullversion) $(aarch64-linux-gnu-gcc --version | head -1)"
    echo "source $(cd "$here" && cat ./*.h ./*.c build.sh | sha256sum | cut -d' ' -f1)"
  } >"$here/compiler.txt"
fi
