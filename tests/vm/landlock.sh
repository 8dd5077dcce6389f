#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What this kernel's Landlock lacks is told and can be required, what it has holds, and a start works all the
# same. Arguments: the directory with kelp and its payloads; "off" where the kernel was booted without Landlock.
# shellcheck disable=SC2016,SC2317  # the shell inside expands it; claim calls what looks unreachable
set -u
shopt -s inherit_errexit
# shellcheck source=tests/vm/checks.sh disable=SC1091
. "$(dirname "$0")/checks.sh"
cp "$1/kelp" "$1/kelp-payload-fenced" "$HOME/"
kelp=$HOME/kelp
root=$HOME/root
mkdir -p "$root/mnt"
: >"$root/try"
fenced=(-v "$HOME/kelp-payload-fenced:/try:ro")

abi_of_this_kernel() {
  case $(uname -r) in
    6.1.*) echo 2 ;;
    6.12.*) echo 6 ;;
    6.18.*) echo 7 ;;
    *) echo "which ABI has this kernel?" ;;
  esac
}
abi=$(abi_of_this_kernel)
[ "${2:-on}" = on ] || abi=0
why_not() {  # the ABI, the Linux version
  if [ "$abi" = 0 ]; then
    echo "this kernel has no Landlock, or has it switched off"
  else
    echo "it came with Landlock ABI $1 (Linux $2)"
  fi
}
lacks() { [ "$abi" -lt "$1" ]; }
refused() { fails_with 125 "$kelp" run "$@" host true 2>&1; }

doctor_tells_the_abi() {
  local said
  said=$("$kelp" doctor || true)
  if [ "$abi" = 0 ]; then
    holds "$said" "landlock: "
    holds "$said" "this kernel has no Landlock, or has it switched off (lsm= of its command line)"
  else
    holds "$said" "landlock: ABI $abi"
  fi
}
a_default_start_works_and_lists_what_is_not_enforced() {
  local said
  said=$("$kelp" run --explain --report 3 host echo started 3>"$HOME/report" 2>"$HOME/explained")
  same "$said" started
  if lacks 6; then
    holds "$(cat "$HOME/explained")" "not enforced: no abstract socket of the host: $(why_not 6 6.12)"
    holds "$(cat "$HOME/report")" "no abstract socket of the host: $(why_not 6 6.12)"
  else
    holds "$(cat "$HOME/report")" '"not_enforced":[]'
    "$kelp" run --explain host true 2>&1 | grep -q '^enforced: .*no abstract socket of the host'
  fi
  same "$("$kelp" run host echo quiet 2>&1)" quiet
}
what_is_required_is_refused_or_there() {
  if lacks 6; then
    holds "$(refused --require=landlock)" \
      "kelp: cannot enforce landlock (--require=landlock): no abstract socket of the host: $(why_not 6 6.12)"
  else
    "$kelp" run --require=landlock host true
  fi
  if [ "$abi" = 0 ]; then
    holds "$(refused --landlock=files --require=landlock:1)" "this kernel has no Landlock, or has it switched off"
  else
    holds "$(refused --landlock "--require=landlock:$((abi + 1))")" \
      "(--require=landlock:$((abi + 1))): this kernel has ABI $abi"
  fi
}
the_abi_alone_can_be_required() {
  if [ "$abi" = 0 ] || lacks 6; then return; fi
  "$kelp" run "--require=landlock:$abi" host true
}
what_was_typed_is_warned_about() {
  local said
  said=$("$kelp" run --landlock --allow-connect=443 host true 2>&1)
  if [ "$abi" = 0 ]; then holds "$said" "kelp: warning: --landlock is not wholly enforced: files are"; fi
  if lacks 4; then
    holds "$said" "kelp: warning: --allow-connect=443 is not wholly enforced: TCP connections to port 443 only: $(why_not 4 6.7)"
    holds "$(refused --allow-connect=443 --require=landlock)" "TCP connections to port 443 only: $(why_not 4 6.7)"
  else
    same "$said" ""
  fi
  if [ "$abi" = 2 ]; then
    holds "$said" "files elsewhere can still be emptied: it came with Landlock ABI 3 (Linux 6.2)"
  fi
}
# "done", or why not, of one who takes the read-only attribute of a mount away and makes or empties a file there.
tries() {
  local what=$1
  shift
  mkdir -p "$HOME/shared"
  rm -f "$HOME/shared/overwritten"
  echo full >"$HOME/shared/full"
  # Only logged: the filter of --landlock would refuse earlier.
  "$kelp" run "$@" --seccomp-log --cap-add=sys_admin --read-only "${fenced[@]}" -v "$HOME/shared:/mnt:ro" "$root" /try "$what" /mnt 2>/dev/null
}
files_are_fenced_where_the_kernel_can() {
  same "$(tries overwrite)" "done"                                         # the control
  if [ "$abi" = 0 ]; then
    same "$(tries overwrite --landlock)" "done"                            # as it was told
    holds "$(refused --landlock --require=landlock)" "this kernel has no Landlock"
  else
    same "$(tries overwrite --landlock)" "Permission denied"
  fi
}
files_elsewhere_can_be_emptied_before_abi_3() {
  same "$(tries empty)" "done"                                             # the control
  if lacks 3; then
    same "$(tries empty --landlock)" "done"                                # as it was told
  else
    same "$(tries empty --landlock)" "Permission denied"
  fi
}

for name in $(declare -F | cut -d' ' -f3); do
  case $name in
    claim | finish | same | holds | fails_with | soon | cgroups_of_kelp | nothing_is_left | is_running | limited) ;;
    abi_of_this_kernel | why_not | lacks | refused | tries) ;;
    *) claim "$name" ;;
  esac
done
finish
