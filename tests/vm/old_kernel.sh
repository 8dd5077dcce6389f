#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An old kernel (Linux 5.10), without mount_setattr, overlays for user namespaces, and Landlock: what holds all the
# same, and what is said of the rest.
# Arguments: the directory with kelp; one with kelp's libraries, which may be newer than this machine's.
# shellcheck disable=SC2016,SC2317  # other shells expand; claim calls what looks unreachable
set -u
shopt -s inherit_errexit
# shellcheck source=tests/vm/checks.sh disable=SC1091
. "$(dirname "$0")/checks.sh"
bin=$1 lib=$2
loader=$(echo "$lib"/ld-linux-*)
kelp() { "$loader" --library-path "$lib" "$bin/kelp" "$@"; }
no_landlock="this kernel has no Landlock, or has it switched off"

the_kernel_is_an_old_one() { holds "$(uname -r)" 5.10.; }                  # the control of all that follows
a_start_works() { same "$(kelp run host sh -c 'id -u; echo fine')" "$(id -u)"$'\nfine'; }
# Submounts are made read-only one by one. The control: without `ro` all three are written to.
read_only_means_every_mount_below() {
  local script='
    mkdir -p "$1/a b"; mount -t tmpfs t "$1/a b"; mkdir "$1/a b/c"; mount -t tmpfs -o noexec,noatime t "$1/a b/c"
    shift; exec "$@" sh -c "for d in /mnt \"/mnt/a b\" \"/mnt/a b/c\"; do echo x >\"\$d/f\" && echo wrote; done"'
  in_mounts() {
    unshare -Urm --propagation private bash -ec "$script" sh "$HOME/src" \
      "$loader" --library-path "$lib" "$bin/kelp" run -v "$HOME/src:/mnt$1" host
  }
  mkdir -p "$HOME/src"
  same "$(in_mounts "" 2>&1)" $'wrote\nwrote\nwrote'
  local said
  said=$(in_mounts :ro 2>&1) || true
  same "$(grep -c 'Read-only file system' <<<"$said")" 3
}
doctor_says_what_is_missing() {
  local said
  said=$(kelp doctor 2>&1) || true
  holds "$said" "ok       kernel: Linux $(uname -r)"
  holds "$said" "Linux $(uname -r) gives no overlay in a user namespace (5.11 is the first that does)"
  holds "$said" "$no_landlock"
}
fences_that_are_not_there_are_refused_by_name_or_told() {
  holds "$(fails_with 125 kelp run --allow-connect=443 --require=landlock host true 2>&1)" \
    "TCP connections to port 443 only: $no_landlock"
  holds "$(kelp run --allow-connect=443 host true 2>&1)" \
    "kelp: warning: --allow-connect=443 is not wholly enforced: TCP connections to port 443 only: $no_landlock"
  holds "$(kelp run --explain host true 2>&1)" "not enforced: no abstract socket of the host: $no_landlock"
}
an_overlay_is_refused_with_the_kernel_it_needs() {
  mkdir -p "$HOME/lower"
  holds "$(fails_with 125 kelp run --overlay "$HOME/lower" true 2>&1)" \
    "hint: Linux $(uname -r) gives no overlay in a user namespace (5.11 is the first that does)"
}

claim the_kernel_is_an_old_one
claim a_start_works
claim read_only_means_every_mount_below
claim doctor_says_what_is_missing
claim fences_that_are_not_there_are_refused_by_name_or_told
claim an_overlay_is_refused_with_the_kernel_it_needs
finish
