#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Rootless Podman with kelp-oci, for a user who is logged in: its containers in scopes of the user's systemd, with
# limits on a real cgroup v2. Argument: the directory with kelp.
# shellcheck disable=SC2016,SC2317  # the shell inside expands it; claim calls what looks unreachable
set -u
# shellcheck source=tests/vm/checks.sh disable=SC1091
. "$(dirname "$0")/checks.sh"
# shellcheck source=tests/engines/image.sh disable=SC1091
. "$(dirname "$0")/../engines/image.sh"
cp "$1/kelp" "$HOME/kelp-oci"
runtime=$HOME/kelp-oci
configure_storage
cat >"$HOME/.config/containers/containers.conf" <<END
[engine]
cgroup_manager = "systemd"
events_logger = "file"
runtime = "kelp"
runtime_supports_json = ["kelp"]
[engine.runtimes]
kelp = ["$runtime"]
END

an_image_is_imported() {
  make_image_tree "$HOME/image"
  tar -C "$HOME/image" -c . | podman import -c 'CMD ["/bin/sh"]' - small >/dev/null
}
run() { podman run --rm --network=none "$@"; }
run_gives_output_and_status() {
  same "$(run small echo there)" there
  fails_with 7 run small sh -c 'exit 7'
}
a_container_is_in_a_scope_of_the_users_systemd() {
  podman run -d --name stays --network=none --memory 64m --pids-limit 50 --cpus 0.5 small sleep 1000 >/dev/null
  holds "$(systemctl --user list-units --type=scope --no-legend)" "libpod-$(podman inspect -f '{{.Id}}' stays).scope"
}
limits_are_in_force() {
  local cgroup
  cgroup=/sys/fs/cgroup$(podman inspect -f '{{.State.CgroupPath}}' stays)
  same "$(cat "$cgroup"/{memory.max,pids.max,cpu.max})" $'67108864\n50\n50000 100000'
}
limits_are_changed() {
  local cgroup
  cgroup=/sys/fs/cgroup$(podman inspect -f '{{.State.CgroupPath}}' stays)
  podman update --memory 128m stays >/dev/null
  same "$(cat "$cgroup/memory.max")" 134217728
}
it_is_entered() { same "$(podman exec stays echo inside)" inside; }
it_is_paused() {
  podman pause stays >/dev/null
  same "$(podman inspect -f '{{.State.Status}}' stays)" paused
  podman unpause stays >/dev/null
}
stats_are_there() { holds "$(podman stats --no-stream --format '{{.Name}} {{.MemLimit}}' stays)" stays; }
it_is_stopped_and_removed() {
  podman rm -f -t 1 stays >/dev/null
  same "$(podman ps -aq)" ''
  soon no_scope
}
no_scope() { ! systemctl --user list-units --type=scope --no-legend | grep -q libpod; }
more_memory_than_the_limit_kills() {
  fails_with 137 run --memory 32m small sh -c 'exec tail /dev/zero' >/dev/null 2>&1
}
slirp_connects() { holds "$(podman run --rm --network=slirp4netns small ip addr)" 10.0.2.100; }
nothing_is_left_over() { same "$("$runtime" list -q)" ''; }

for one in an_image_is_imported run_gives_output_and_status a_container_is_in_a_scope_of_the_users_systemd \
  limits_are_in_force limits_are_changed it_is_entered it_is_paused stats_are_there it_is_stopped_and_removed \
  more_memory_than_the_limit_kills slirp_connects nothing_is_left_over; do claim "$one"; done
finish
