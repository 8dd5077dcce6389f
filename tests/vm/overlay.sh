#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# --overlay on this kernel, and what is told where it has no overlayfs. Arguments: the directory with kelp; "off"
# where the module cannot be loaded.
# shellcheck disable=SC2016,SC2317  # the shell inside expands it; claim calls what looks unreachable
set -u
shopt -s inherit_errexit
# shellcheck source=tests/vm/checks.sh disable=SC1091
. "$(dirname "$0")/checks.sh"
cp "$1/kelp" "$HOME/"
kelp=$HOME/kelp
root=$HOME/lower
mkdir -p "$root/bin"
cp /bin/busybox "$root/bin/sh"
before=$(find "$root")
script='echo made >/made && cat /made'

an_overlay_is_there() { "$kelp" run --overlay "$root" sh -c "$script"; }

an_overlay_keeps_the_directory_untouched() {
  same "$(an_overlay_is_there)" made
  same "$(find "$root")" "$before"
}
doctor_finds_it() { holds "$("$kelp" doctor || true)" "overlay: with a throw-away layer "; }
without_overlayfs_that_is_said() {
  same "$(grep -w overlay /proc/filesystems || true)" ""                   # the control
  local said
  said=$(fails_with 125 an_overlay_is_there 2>&1)
  same "$said" "kelp: cannot mount a new overlay: No such device (--overlay)
hint: this kernel has no overlay file system loaded; sudo modprobe overlay"
  same "$(find "$root")" "$before"
}
without_overlayfs_doctor_tells_it() {
  holds "$(fails_with 1 "$kelp" doctor)" "missing  overlay: --overlay does not work, nor a root of kelp's own layer
         why:  this kernel has no overlay file system loaded
         mend: sudo modprobe overlay"
}
without_overlayfs_other_starts_work() {
  same "$("$kelp" run --read-only --tmpfs=/mnt host sh -c 'echo made >/mnt/made && cat /mnt/made')" made
  same "$("$kelp" run "$root" sh -c 'echo started')" started
}

if [ "${2:-on}" = off ]; then
  claim without_overlayfs_that_is_said
  claim without_overlayfs_doctor_tells_it
  claim without_overlayfs_other_starts_work
else
  claim an_overlay_keeps_the_directory_untouched
  claim doctor_finds_it
fi
finish
