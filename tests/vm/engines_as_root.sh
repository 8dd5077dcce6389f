#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# containerd with kelp-oci in runc's place, as root: its shim's way through the runtime's verbs, with limits on a real
# cgroup v2. Argument: the directory with kelp.
# shellcheck disable=SC2016,SC2317  # the shell inside expands it; claim calls what looks unreachable
set -u
# shellcheck source=tests/vm/checks.sh disable=SC1091
. "$(dirname "$0")/checks.sh"
# shellcheck source=tests/engines/image.sh disable=SC1091
. "$(dirname "$0")/../engines/image.sh"
mkdir -p /opt/kelp
cp "$1/kelp" /opt/kelp/
ln -sf kelp /opt/kelp/kelp-oci
runtime=/opt/kelp/kelp-oci
systemctl start containerd
make_image_tree /opt/image
ctr_run() { ctr run --runc-binary "$runtime" --rootfs "$@"; }
task() { ctr task "$@"; }
# The cgroup of a container of ctr's: /NAMESPACE/ID.
cgroup_of() { echo "/sys/fs/cgroup/default/$1"; }

containerd_is_there() { soon ctr version >/dev/null; }
run_gives_output_and_status() {
  same "$(ctr_run --rm /opt/image one echo there)" there
  fails_with 7 ctr_run --rm /opt/image two sh -c 'exit 7'
}
run_takes_variables_a_directory_and_a_hostname() {
  same "$(ctr_run --rm --env A=b --cwd /tmp /opt/image three sh -c 'echo $A $(pwd)')" 'b /tmp'
}
the_runtime_is_this_one() {
  ctr_run -d /opt/image stays sleep 1000
  holds "$(find /run/containerd/runc/default -maxdepth 1)" stays
  same "$("$runtime" --root /run/containerd/runc/default list -q)" stays
}
a_task_is_entered() {
  same "$(task exec --exec-id e1 stays echo inside)" inside
  fails_with 9 task exec --exec-id e2 stays sh -c 'exit 9'
}
a_task_lists_its_processes() { holds "$(task ps stays)" "$("$runtime" --root /run/containerd/runc/default state stays | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p')"; }
a_task_is_paused() {
  task pause stays
  holds "$(task ls)" PAUSED
  task resume stays
  holds "$(task ls)" RUNNING
}
a_task_tells_what_it_uses() { holds "$(task metrics stays)" memory; }
a_task_is_killed_and_deleted() {
  task kill -s KILL stays
  soon stopped
  task rm stays || true
  ctr container rm stays
}
stopped() { ctr task ls | grep -q 'stays.*STOPPED'; }
limits_are_in_force() {
  ctr_run -d --memory-limit 67108864 --cpus 0.5 /opt/image limited sleep 1000
  same "$(cat "$(cgroup_of limited)"/{memory.max,cpu.max})" $'67108864\n50000 100000'
  task kill -s KILL limited
  sleep 1
  task rm limited || true
  ctr container rm limited
}
devices_are_refused_but_for_the_usual() {
  same "$(ctr_run --rm /opt/image nodes sh -c 'mknod /tmp/sda b 8 0; : </tmp/sda' 2>&1 | tail -n1)" \
    "sh: can't open /tmp/sda: Operation not permitted"
  same "$(ctr_run --rm /opt/image null sh -c ': </dev/null && echo open')" open
}
the_default_filter_counts() { holds "$(ctr_run --rm --seccomp /opt/image filter grep Seccomp: /proc/self/status)" 2; }
systemd_holds_a_container() {
  ctr_run -d --runc-systemd-cgroup --cgroup system.slice:kelp:unit /opt/image unit sleep 1000
  holds "$(systemctl list-units --type=scope --no-legend)" kelp-unit.scope
  task kill -s KILL unit
  sleep 1
  task rm unit || true
  ctr container rm unit
}
nothing_is_left_over() { same "$("$runtime" --root /run/containerd/runc/default list -q)" ''; }

for one in containerd_is_there run_gives_output_and_status run_takes_variables_a_directory_and_a_hostname \
  the_runtime_is_this_one a_task_is_entered a_task_lists_its_processes a_task_is_paused a_task_tells_what_it_uses \
  a_task_is_killed_and_deleted limits_are_in_force devices_are_refused_but_for_the_usual the_default_filter_counts \
  systemd_holds_a_container nothing_is_left_over; do claim "$one"; done
finish
