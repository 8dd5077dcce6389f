#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The same for root, who has the machine's own systemd; and for a user who has no systemd at all. Runs as root
# before limits.sh. Argument: the directory with kelp.
# shellcheck disable=SC2016,SC2317  # the shell inside expands it; claim calls what looks unreachable
set -u
# shellcheck source=tests/vm/checks.sh disable=SC1091
. "$(dirname "$0")/checks.sh"
kelp=/usr/local/bin/kelp
install -m 755 "$1/kelp" "$kelp"

root_gets_a_scope_of_the_machines_systemd() {
  same "$("$kelp" run -m 64m host sh -c 'cat /proc/self/cgroup /sys/fs/cgroup/memory.max')" $'0::/\n67108864'
  soon nothing_is_left
}

# Its set-up is not dumpable, and newer versions of libmount then heed no LIBMOUNT_FORCE_MOUNT2.
root_mounts_files_directories_and_file_systems() {
  local shares=(-v /etc/hostname:/mnt/name:ro -v /etc:/mnt/etc:ro --tmpfs=/x)
  same "$("$kelp" run --read-only "${shares[@]}" host sh -c 'cat /mnt/name; ls /mnt/etc/hostname; echo made >/x/made; cat /x/made')" \
    "$(cat /etc/hostname)"$'\n/mnt/etc/hostname\nmade'
}
in_a_pid_namespace_that_root_joins_too() {
  local spans
  unshare --pid --fork --kill-child sleep 60 &
  spans=$!
  soon pgrep -P "$spans"
  exec 3<"/proc/$(pgrep -P "$spans")/ns/pid"
  same "$("$kelp" bwrap --pidns 3 --unshare-user --ro-bind / / --tmpfs /tmp --ro-bind /etc/hostname /tmp/name cat /tmp/name)" \
    "$(cat /etc/hostname)"
  kill -KILL "$spans"
}
root_is_limited_in_depth() {
  "$kelp" run -m 64m host sleep 60 &
  local kelp_pid=$!
  soon is_running
  same "$(cat "$(limited)/cgroup.max.depth" "$(limited)/memory.max")" $'32\n67108864'
  kill "$kelp_pid"
  wait "$kelp_pid" || true
  soon nothing_is_left
}

# As from cron: a user whose runtime directory is not there.
without_systemd() {
  unshare -m sh -c 'mount -t tmpfs none /run/user && exec setpriv --reuid dev --regid dev --init-groups "$@"' sh "$@"
}
without_delegation_limits_are_refused_with_the_way_out() {
  local said
  said=$(fails_with 125 without_systemd "$kelp" run -m 64m host true 2>&1)
  holds "$said" "kelp: cannot use -m 64m: no cgroup is delegated to you, and no systemd of yours runs that could make one"
  holds "$said" "hint: sudo loginctl enable-linger"
  without_systemd "$kelp" run host true                                    # the control
}
without_delegation_best_effort_limits_each_process() {
  local said
  said=$(without_systemd "$kelp" run -m 64m --cpus 1 --limits=best-effort --explain host sh -c 'ulimit -v' 2>&1)
  holds "$said" "not enforced: --cpus 1: there is no cgroup for it"
  same "$(tail -n1 <<<"$said")" 65536
}
# A unit with User= and Delegate=yes that starts kelp and nothing else.
in_a_unit_that_is_delegated_kelp_moves_aside() {
  local said
  said=$(systemd-run --wait --pipe -q -p Delegate=yes -p User=dev \
    "$kelp" run -m 64m --explain host cat /sys/fs/cgroup/memory.max 2>&1) || true
  holds "$said" "make a cgroup in /sys/fs/cgroup/system.slice/run-"
  holds "$said" "kelp itself moves to another one there"
  same "$(tail -n1 <<<"$said")" 67108864
  soon nothing_is_left
}

claim root_gets_a_scope_of_the_machines_systemd
claim root_is_limited_in_depth
claim root_mounts_files_directories_and_file_systems
claim in_a_pid_namespace_that_root_joins_too
claim without_delegation_limits_are_refused_with_the_way_out
claim in_a_unit_that_is_delegated_kelp_moves_aside
claim without_delegation_best_effort_limits_each_process
finish
