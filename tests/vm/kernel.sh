#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs suites of `./dev test` on this machine's kernel, as root, in a root file system that has the build machine's
# libraries: this machine's own may be older, as Debian 11's are.
# Arguments: the stage that runner.py has made; the root's image; arguments for runner.py. The root is entered by
# pivot_root in a mount namespace of its own, since the kernel gives no user namespace to who is in a chroot.
# shellcheck disable=SC2016  # the inner shell expands
set -euo pipefail
stage=$1 image=$2
shift 2
work=/var/tmp/kelp-kernel
mkdir -p "$work/root" "$work/tmp" "$work/home"
chmod 1777 "$work/tmp"
cp "$image" "$work/image"                            # users are made in it
# What the stage holds is executed thousands of times, and a share is slow.
cp -a "$stage" "$work/tmp/stage"
chmod -R a+rX,go-w "$work/tmp/stage"
modprobe -a loop overlay tun 2>/dev/null || true
chmod 0666 /dev/net/tun 2>/dev/null || true          # as udev has it
# Where it is emulated, and other work runs beside it, all takes its time.
slowness=10
[ "$(systemd-detect-virt)" != kvm ] || slowness=2
export work slowness
exec unshare --mount --propagation private bash -euc '
  mount -o loop "$work/image" "$work/root"
  cd "$work/root"
  mkdir -p dev proc sys run tmp home outer
  mount --rbind /dev dev
  mount --rbind /sys sys
  mount -t proc proc proc
  mount -t tmpfs -o mode=0755 tmpfs run
  mount --bind "$work/tmp" tmp
  mount --bind "$work/home" home
  pivot_root . outer
  cd /
  umount -l /outer
  exec env -u work PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root \
    python3 -B /tmp/stage/source/tests/harness/runner.py --stage /tmp/stage --slowness "$slowness" "$@"
' kernel.sh "$@"
