#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2154,SC2317  # the inner shell expands
# Rootless Podman with kelp-oci as its runtime (KELP_ENGINE_RUNTIME: another, to compare). Run by `place`.
set -u
# shellcheck source=tests/vm/checks.sh disable=SC1091
. "$(dirname "$0")/../vm/checks.sh"
# shellcheck source=tests/engines/image.sh disable=SC1091
. "$(dirname "$0")/image.sh"
runtime=${KELP_ENGINE_RUNTIME:-$KELP_STAGE/bin/kelp-oci}
configure_storage
cat >"$HOME/.config/containers/containers.conf" <<END
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "kelp"
runtime_supports_nocgroup = ["kelp", "crun"]
runtime_supports_json = ["kelp", "crun"]
[engine.runtimes]
kelp = ["$runtime"]
END

make_image() {
  make_image_tree "$HOME/image"
  tar -C "$HOME/image" -c . | podman import -c 'CMD ["/bin/sh"]' - small >/dev/null
}

run() { podman run --rm --network=none "$@"; }

an_image_is_imported() { make_image && podman image exists small; }
run_gives_output_and_status() {
  same "$(run small echo there)" there
  fails_with 7 run small sh -c 'exit 7'
  fails_with 127 run small /no/such 2>/dev/null
}
run_is_by_this_runtime() {
  podman run --name which --network=none small true
  same "$(podman inspect -f '{{.OCIRuntime}}' which)" kelp
  podman rm which >/dev/null
}
run_takes_a_user_a_directory_and_variables() {
  same "$(run -u 5:6 -w /tmp -e A=b small sh -c 'echo $(id -u):$(id -g) $(pwd) $A')" '5:6 /tmp b'
}
volumes_are_written_to() {
  mkdir -p "$HOME/shared"
  run -v "$HOME/shared:/mnt" small sh -c 'echo in >/mnt/file'
  same "$(cat "$HOME/shared/file")" in
  fails_with 1 run -v "$HOME/shared:/mnt:ro" small touch /mnt/file 2>/dev/null
}
a_read_only_root_holds() { fails_with 1 run --read-only small touch /file 2>/dev/null; }
keep_id_keeps_the_callers_ids() { same "$(run --userns=keep-id small id -u)" "$(id -u)"; }
init_is_pid_1() { holds "$(run --init small cat /proc/1/cmdline | tr '\0' ' ')" init; }
# Podman loses what is written before it is attached, so the command stays a while.
a_terminal_is_one() {
  holds "$(script -qec 'podman run --rm --network=none -it small sh -c "tty; sleep 1; tty"' /dev/null)" /dev/pts/0
}
cgroups_can_be_disabled() { same "$(run --cgroups=disabled small echo there)" there; }
the_default_filter_counts() {
  holds "$(run small grep Seccomp: /proc/self/status)" 2
  holds "$(run --security-opt seccomp=unconfined small grep Seccomp: /proc/self/status)" 0
}

a_container_stays_and_is_entered() {
  podman run -d --name stays --network=none small sh -c 'echo began; exec sleep 1000' >/dev/null
  same "$(podman exec stays echo inside)" inside
  same "$(podman exec -u 5 -w /tmp -e A=b stays sh -c 'echo $(id -u) $(pwd) $A')" '5 /tmp b'
  fails_with 9 podman exec stays sh -c 'exit 9'
  soon has_log stays began
  holds "$(podman top stays pid)" 1
  holds "$(script -qec 'podman exec -it stays tty' /dev/null)" /dev/pts/
}
has_log() { [ "$(podman logs "$1")" = "$2" ]; }
a_container_is_paused() {
  podman pause stays >/dev/null
  same "$(podman inspect -f '{{.State.Status}}' stays)" paused
  podman unpause stays >/dev/null
  same "$(podman inspect -f '{{.State.Status}}' stays)" running
}
stats_are_there() { holds "$(podman stats --no-stream stays)" stays; }
a_container_is_stopped_and_removed() {
  podman stop -t 1 stays >/dev/null
  same "$(podman inspect -f '{{.State.Status}}' stays)" exited
  podman rm stays >/dev/null
}
a_container_is_killed() {
  podman run -d --name killed --network=none small sleep 1000 >/dev/null
  podman kill -s KILL killed >/dev/null
  same "$(podman wait killed)" 137
  podman rm killed >/dev/null
}
a_health_check_passes() {
  podman run -d --name healthy --network=none --health-cmd 'test -e /tmp' --health-interval=disable small sleep 1000 >/dev/null
  podman healthcheck run healthy
  podman rm -f -t 0 healthy >/dev/null
}
a_pod_shares_a_network() {
  podman pod create --name pod --infra-image small --infra-command 'sleep 1000' --network=none >/dev/null
  podman run --rm --pod pod small true
  podman pod rm -f -t 0 pod >/dev/null
}
an_image_is_built() {
  mkdir -p "$HOME/context"
  printf 'FROM small\nRUN echo built >/made && id -u >>/made\n' >"$HOME/context/Containerfile"
  podman build --network=none --isolation=oci --runtime "$runtime" -q -t made "$HOME/context" >/dev/null
  same "$(run made cat /made)" $'built\n0'
}
slirp_connects() { holds "$(podman run --rm --network=slirp4netns small ip addr)" 10.0.2.100; }
nothing_is_left_over() {
  local left
  left=$("$runtime" list -q)
  same "$left" ''
}

claims=(an_image_is_imported run_gives_output_and_status run_is_by_this_runtime
  run_takes_a_user_a_directory_and_variables volumes_are_written_to a_read_only_root_holds keep_id_keeps_the_callers_ids
  init_is_pid_1 a_terminal_is_one cgroups_can_be_disabled the_default_filter_counts a_container_stays_and_is_entered
  a_container_is_paused stats_are_there a_container_is_stopped_and_removed a_container_is_killed a_health_check_passes
  a_pod_shares_a_network an_image_is_built slirp_connects nothing_is_left_over)
for one in "${@:-${claims[@]}}"; do claim "$one"; done
podman system reset -f >/dev/null 2>&1
finish
