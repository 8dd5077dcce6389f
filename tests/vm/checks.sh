# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share: they run inside the machine. A claim is a function whose name says it;
# `claim NAME` runs it and prints "ok NAME" or "FAILED NAME" with all that it said.
# shellcheck shell=bash

failures=0

# Not as the condition of an `if`: bash would switch -e off in it.
claim() {
  local output status
  output=$(set -eu; "$1" 2>&1)
  status=$?
  if [ "$status" = 0 ]; then
    echo "ok $1"
  else
    echo "FAILED $1 (status $status)"
    printf '%s\n' "$output" | sed 's/^/    /'
    failures=$((failures + 1))
  fi
}

finish() {
  echo "done: $failures failed"
  exit $((failures > 0))
}

# same GOT WANTED
same() { [ "$1" = "$2" ] || { printf 'got:    %s\nwanted: %s\n' "$1" "$2"; return 1; }; }
# holds TEXT PART
holds() { case $1 in *"$2"*) ;; *) printf 'got:    %s\nwanted: %s\n' "$1" "$2"; return 1 ;; esac; }
fails_with() { local wanted=$1 got=0; shift; "$@" || got=$?; same "$got" "$wanted"; }

# Waits up to 10 s (this may be an emulated machine) until a command is true.
soon() {
  for _ in $(seq 100); do
    if "$@"; then return 0; fi
    sleep 0.1
  done
  echo "did not come true: $*"
  return 1
}

cgroups_of_kelp() { find /sys/fs/cgroup -type d \( -name 'kelp-*' -o -name 'inside' \); }
nothing_is_left() { [ -z "$(cgroups_of_kelp)" ]; }
# The cgroup with the limits of the only container that runs.
is_running() { [ -n "$(find /sys/fs/cgroup -type d -name inside)" ] && [ -n "$(cat "$(limited)/inside/cgroup.procs")" ]; }
limited() { find /sys/fs/cgroup -type d -name 'kelp-container-*' | head -n1; }
