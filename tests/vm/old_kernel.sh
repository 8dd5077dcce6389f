#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A kernel that kelp cannot do with (Linux 5.10): that is said, and what is typed and not there is said too.
# Arguments: the directory with kelp; one with kelp's libraries, which may be newer than this machine's.
# shellcheck disable=SC2317  # claim calls what looks unreachable
set -u
shopt -s inherit_errexit
# shellcheck source=tests/vm/checks.sh disable=SC1091
. "$(dirname "$0")/checks.sh"
bin=$1 lib=$2
loader=$(echo "$lib"/ld-linux-*)
kelp() { "$loader" --library-path "$lib" "$bin/kelp" "$@"; }
needs="kelp sets the attributes of mounts by mount_setattr, which came with Linux 5.12; this is Linux $(uname -r)"
no_landlock="this kernel has no Landlock, or has it switched off"

the_kernel_is_an_old_one() { holds "$(uname -r)" 5.10.; }                  # the control of all that follows
a_start_says_which_kernel_it_needs() {
  local said
  said=$(fails_with 125 kelp run host true 2>&1)
  holds "$said" "kelp: cannot set the attributes of the mount on /"
  holds "$said" ": Function not implemented"
  same "$(tail -n1 <<<"$said")" "hint: $needs; boot a newer kernel"
}
doctor_says_so_first() {
  holds "$(fails_with 1 kelp doctor)" "missing  kernel: Linux $(uname -r)
         why:  $needs
         mend: boot a newer kernel"
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
claim a_start_says_which_kernel_it_needs
claim doctor_says_so_first
claim fences_that_are_not_there_are_refused_by_name_or_told
claim an_overlay_is_refused_with_the_kernel_it_needs
finish
