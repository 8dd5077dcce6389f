#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2154,SC2317  # the inner shell expands
# Rootless Buildah with kelp-oci as its runtime (KELP_ENGINE_RUNTIME: another, to compare). Run by `place`.
set -u
# shellcheck source=tests/vm/checks.sh disable=SC1091
. "$(dirname "$0")/../vm/checks.sh"
# shellcheck source=tests/engines/image.sh disable=SC1091
. "$(dirname "$0")/image.sh"
runtime=${KELP_ENGINE_RUNTIME:-$KELP_STAGE/bin/kelp-oci}
configure_storage

# Without a network: that of Debian 12 is made by netavark in a namespace that a rootless build may not enter, whatever
# the runtime is.
made=
inside() { buildah run --isolation oci --network none --runtime "$runtime" "$@"; }

a_container_is_made_of_an_image() {
  make_image_tree "$HOME/image"
  buildah from --name made scratch >/dev/null
  buildah copy -q made "$HOME/image" / >/dev/null
  buildah config --cmd /bin/sh made
}
run_gives_output_and_status() {
  same "$(inside made -- echo there)" there
  fails_with 7 inside made -- sh -c 'exit 7' 2>/dev/null
}
what_run_writes_stays() {
  inside made -- sh -c 'echo kept >/file'
  same "$(inside made -- cat /file)" kept
}
run_takes_a_user_a_directory_and_variables() {
  same "$(inside --user 5:6 --workingdir /tmp --env A=b made -- sh -c 'echo $(id -u):$(id -g) $(pwd) $A')" '5:6 /tmp b'
}
volumes_are_written_to() {
  mkdir -p "$HOME/shared"
  inside -v "$HOME/shared:/mnt" made -- sh -c 'echo in >/mnt/file'
  same "$(cat "$HOME/shared/file")" in
}
capabilities_are_those_asked_for() {
  local none
  none=$(inside --cap-drop ALL made -- grep CapEff /proc/self/status)
  holds "$none" 0000000000000000
}
a_terminal_is_one() {
  holds "$(script -qec "buildah run --tty --isolation oci --network none --runtime '$runtime' made tty" /dev/null)" /dev/pts/0
}
a_containerfile_is_built() {
  buildah commit -q made small >/dev/null
  mkdir -p "$HOME/context"
  printf 'FROM small\nRUN echo built >/made && id -u >>/made\n' >"$HOME/context/Containerfile"
  buildah build --isolation oci --runtime "$runtime" --network none -q -t built "$HOME/context" >/dev/null
  made=$(buildah from built)
  same "$(inside "$made" -- cat /made)" $'built\n0'
}
nothing_is_left_over() { same "$("$runtime" list -q)" ''; }

claims=(a_container_is_made_of_an_image run_gives_output_and_status what_run_writes_stays
  run_takes_a_user_a_directory_and_variables volumes_are_written_to capabilities_are_those_asked_for a_terminal_is_one
  a_containerfile_is_built nothing_is_left_over)
for one in "${@:-${claims[@]}}"; do claim "$one"; done
buildah rm -a >/dev/null 2>&1
buildah rmi -a -f >/dev/null 2>&1
finish
