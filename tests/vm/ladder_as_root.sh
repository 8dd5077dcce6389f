#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Machines that refuse user namespaces, by AppArmor and by a sysctl: what kelp says of each, and the rung that
# --fallback finds. Runs as root, who makes each place, and tries it as the user dev. Argument: the directory with
# kelp.
# shellcheck disable=SC2016,SC2317  # the shell inside expands it; claim calls what looks unreachable
set -u
# shellcheck source=tests/vm/checks.sh disable=SC1091
. "$(dirname "$0")/checks.sh"
kelp=/usr/local/bin/kelp
install -m 755 "$1/kelp" "$kelp"

as_dev() { (cd /home/dev && runuser -u dev -- "$@"); }
# What every such place has in common. Arguments: why, and what would lift it.
stands_on_landlock() {
  local why=$1 mend=$2 said
  said=$(fails_with 125 as_dev "$kelp" run host true 2>&1)
  holds "$said" "kelp: cannot "
  holds "$said" "hint: $why"
  said=$(as_dev sh -c 'mkdir -p shown && cd shown && "$0" run --fallback --here host sh -c "echo x >made; ! touch ../out"' "$kelp" 2>&1) || true
  holds "$said" "kelp: warning: the container stands on the rung landlock (rung 4 of 4), "
  holds "$said" "$why"
  [ -e /home/dev/shown/made ] || { echo "$said"; return 1; }              # what is shown can be written
  [ ! -e /home/dev/out ]                                                   # and nothing around it
  rm /home/dev/shown/made
  said=$(fails_with 1 as_dev "$kelp" doctor)
  holds "$said" "rung: landlock (rung 4 of 4), and only with --fallback"
  holds "$said" "$why"
  holds "$said" "$mend"
}
without_a_hand_of_ours_all_of_it_is_there() {
  as_dev "$kelp" run host true
  holds "$(as_dev "$kelp" doctor || true)" "ok       rung: full (rung 1 of 4)"
}
a_sysctl_of_debians_refuses_namespaces() {
  sysctl -qw kernel.unprivileged_userns_clone=0
  stands_on_landlock "kernel.unprivileged_userns_clone is 0" "sudo sysctl -w kernel.unprivileged_userns_clone=1"
}
a_sysctl_of_the_kernels_refuses_namespaces() {
  sysctl -qw user.max_user_namespaces=0
  stands_on_landlock "user.max_user_namespaces is 0" "sudo sysctl -w user.max_user_namespaces="
}
# Of the lines of a profile that allows all the rest.
flags=""
load_profile() {
  printf 'abi <abi/4.0>,\nprofile kelp-test %s '"$flags"'{\n  file,\n  network,\n  unix,\n  signal,\n  ptrace,\n  %s\n}\n' "$kelp" "$*" >/run/profile
  apparmor_parser -r /run/profile
}
an_apparmor_profile_without_userns_refuses_namespaces() {
  load_profile 'capability, mount, umount, pivot_root,'
  stands_on_landlock "the AppArmor profile kelp-test (enforce) confines this process" 'add `userns,`'
}
# What Ubuntu 24.04 does to a program without a profile.
an_apparmor_profile_without_capabilities_leaves_namespaces_without_rights() {
  load_profile 'userns, audit deny capability,'
  stands_on_landlock "the AppArmor profile kelp-test (enforce) confines this process" '`capability,` to that profile'
}
# kelp's own file is its user's: the last execve comes from a program in memory then.
a_program_in_memory_needs_a_flag_of_the_profile() {
  local said
  chown dev "$kelp"
  said=$(fails_with 125 as_dev "$kelp" run --fallback host true 2>&1)
  holds "$said" "kelp: cannot execute kelp-exec: Permission denied
hint: a security module refuses a program in memory; an AppArmor profile around kelp needs flags=(attach_disconnected) for it"
  flags="flags=(attach_disconnected) "
  load_profile 'userns, audit deny capability,'
  as_dev "$kelp" run --fallback host true
}
the_profile_that_doctor_names_lifts_it() {
  chown root "$kelp"
  load_profile 'userns, mount, umount, pivot_root, capability,'
  as_dev "$kelp" run host true
}

claim without_a_hand_of_ours_all_of_it_is_there
claim a_sysctl_of_debians_refuses_namespaces
sysctl -qw kernel.unprivileged_userns_clone=1
claim a_sysctl_of_the_kernels_refuses_namespaces
sysctl -qw user.max_user_namespaces=15000
claim an_apparmor_profile_without_userns_refuses_namespaces
claim an_apparmor_profile_without_capabilities_leaves_namespaces_without_rights
claim a_program_in_memory_needs_a_flag_of_the_profile
claim the_profile_that_doctor_names_lifts_it
apparmor_parser -R /run/profile
finish
