#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Limits of a container for an ordinary user who is logged in: by the user's systemd, in a cgroup that is
# delegated, and refused elsewhere. Argument: the directory with kelp and its payloads.
# shellcheck disable=SC2016,SC2317  # the shell inside expands it; claim calls what looks unreachable
set -u
shopt -s inherit_errexit
# shellcheck source=tests/vm/checks.sh disable=SC1091
. "$(dirname "$0")/checks.sh"
bin=$1
cp "$bin/kelp" "$bin/kelp-payload-eater" "$HOME/"
kelp=$HOME/kelp
eat=(-v "$HOME/kelp-payload-eater:/eat:ro")

# --- by the user's systemd, out of a session scope

limits_are_seen_inside_and_the_cgroup_is_the_root() {
  local said
  said=$("$kelp" run -m 64m --pids-limit 20 --cpus 0.5 --cpu-weight 50 host sh -c \
    'cat /proc/self/cgroup; cd /sys/fs/cgroup; cat memory.max pids.max cpu.max')
  same "$said" $'0::/\n67108864\n20\n50000 100000'
}
limits_are_in_force_outside_where_nobody_inside_can_reach() {
  "$kelp" run -m 67108865 --memory-swap 67108865 --pids-limit 20 --cpus 0.5 --cpu-weight 50 host sleep 60 &
  local kelp_pid=$! cgroup
  soon is_running
  cgroup=$(limited)
  same "$(cat "$cgroup"/{memory.max,memory.swap.max,pids.max,cpu.max,cpu.weight})" \
    $'67108864\n0\n20\n50000 100000\n50'
  same "$(cat "$cgroup/cgroup.max.depth")" 32                              # what is made inside can be removed
  holds "$cgroup" "/user@$(id -u).service/"
  kill "$kelp_pid"
  wait "$kelp_pid" || true
  soon nothing_is_left
}
more_memory_than_the_limit_kills_and_is_told() {
  local said
  same "$("$kelp" run "${eat[@]}" host /eat memory 200)" "got 200 MiB"     # the control
  said=$(fails_with 137 "$kelp" run -m 64m "${eat[@]}" --report 3 host /eat memory 200 3>"$HOME/report" 2>&1)
  same "$said" "kelp: warning: the kernel ended 1 process of the container, which had used up the memory that it may have"
  holds "$(cat "$HOME/report")" '"oom_kills":1'
}
the_report_tells_peak_and_cpu_time() {
  "$kelp" run -m 300m "${eat[@]}" --report 3 host /eat memory 100 3>"$HOME/report"
  local peak
  cat "$HOME/report"
  peak=$(sed -n 's/.*"cgroup":{"peak_bytes":\([0-9]*\).*/\1/p' "$HOME/report")
  [ "$peak" -ge 104857600 ] && [ "$peak" -le 314572800 ]
  grep -q '"cpu_us":[1-9]' "$HOME/report"
  "$kelp" run --report 3 host true 3>"$HOME/report"
  holds "$(cat "$HOME/report")" '"cgroup":null'
}
set_up_that_needs_more_memory_says_so() {
  holds "$(fails_with 125 "$kelp" run -m 64k host true 2>&1)" "-m 64k"
}
more_processes_than_the_limit_are_refused() {
  same "$("$kelp" run "${eat[@]}" host /eat processes 40)" "got 40"        # the control
  holds "$(fails_with 1 "$kelp" run --pids-limit 20 "${eat[@]}" host /eat processes 40 2>&1)" \
    "Resource temporarily unavailable"
}
nobody_inside_raises_the_limit() {
  # A cgroup2 of the container's own, writable by root of an inner user namespace, who owns its files; and from a
  # cgroup namespace further in, for which the kernel's nsdelegate does not protect them.
  local attack='mount -t cgroup2 none /tmp && mkdir /tmp/sub && echo 0 >/tmp/sub/cgroup.procs &&
    exec unshare -C sh -c "echo max >/tmp/memory.max; cat /tmp/memory.max; exec $0 memory 200"' said
  said=$(fails_with 137 "$kelp" run -m 64m "${eat[@]}" host unshare -UrCm sh -c "$attack" /eat 2>&1)
  echo "$said"
  holds "$said" max                                                        # the control: so far one gets
  holds "$said" "used up the memory"
}
weights_of_disks_are_set_or_refused_by_name() {
  local said
  if said=$("$kelp" run --io-weight 50 host true 2>&1); then return; fi
  holds "$said" "kelp: cannot use --io-weight 50: "
}

# --- the end

the_cgroup_goes_with_the_container() {
  "$kelp" run -m 64m host true
  soon nothing_is_left
  same "$(systemctl --user list-units --all --no-legend --plain 'kelp-*')" ""
}
the_cgroup_goes_with_a_start_that_fails() {
  fails_with 127 "$kelp" run -m 64m host /nowhere
  fails_with 125 "$kelp" run -m 64m /nowhere/root true
  fails_with 125 "$kelp" run -m 64m --tmpfs /etc/passwd host true
  soon nothing_is_left
}
the_cgroup_goes_with_an_interrupted_container() {
  set -m                                                                   # else & ignores SIGINT
  "$kelp" run -m 64m host sleep 60 &
  local kelp_pid=$!
  soon is_running
  kill -INT "$kelp_pid"
  fails_with 130 wait "$kelp_pid"
  soon nothing_is_left
}
the_cgroup_goes_with_a_killed_kelp() {
  "$kelp" run -m 64m host sleep 61 &
  local kelp_pid=$!
  soon is_running
  kill -KILL "$kelp_pid"
  wait "$kelp_pid" || true
  soon nothing_is_left
  ! pgrep -f 'sleep 61'
}
what_is_left_of_a_shared_pid_namespace_ends() {
  "$kelp" run -m 64m --share=pid host sh -c 'setsid sleep 62 >/dev/null 2>&1 & :'
  soon nothing_is_left
  ! pgrep -f 'sleep 62'
}

# --- in a cgroup that is delegated

alone() { systemd-run --user --scope --quiet -p Delegate=yes -- "$@"; }
alone_in_a_delegated_cgroup_limits_hold_too() {
  same "$(alone "$kelp" run -m 64m host cat /sys/fs/cgroup/memory.max)" 67108864
  soon nothing_is_left
}
# As a service manager of one's own would: this shell aside, a place for containers beside it.
with_parent() {
  alone bash -euc '
    . "$(dirname "$0")/checks.sh"
    kelp=$1; shift
    top=/sys/fs/cgroup$(cut -d: -f3- /proc/self/cgroup)
    mkdir "$top/shell" "$top/parent"
    echo $$ >"$top/shell/cgroup.procs"
    echo "+memory +pids" >"$top/cgroup.subtree_control"
    parent=$top/parent
    eval "$1"' "$here/limits.sh" "$kelp" "$1"
}
here=$(cd "$(dirname "$0")" && pwd)
a_parent_that_is_named_is_used() {
  with_parent '
    same "$("$kelp" run -m 64m --cgroup-parent="$parent" host cat /sys/fs/cgroup/memory.max)" 67108864
    same "$("$kelp" run -m 64m --cgroup-parent="${parent#/sys/fs/cgroup}" host cat /proc/self/cgroup)" 0::/
    same "$(ls -d "$parent"/*/ 2>/dev/null)" ""'
}
a_killed_kelp_is_cleaned_up_after_by_the_next() {
  with_parent '
    "$kelp" run -m 64m --cgroup-parent="$parent" host sleep 63 & pid=$!
    soon is_running
    kill -KILL "$pid"; wait "$pid" || true
    left=$(limited)
    [ -d "$left" ]                                                         # the control
    "$kelp" run -m 64m --cgroup-parent="$parent" host sleep 64 & pid=$!
    soon test ! -e "$left"
    soon is_running
    "$kelp" run -m 64m --cgroup-parent="$parent" host true                 # leaves the one that runs alone
    is_running
    kill "$pid"; wait "$pid" || true
    same "$(ls -d "$parent"/*/ 2>/dev/null)" ""'
}
a_stricter_cgroup_above_is_told() {
  with_parent '
    echo 32m >"$parent/memory.max"
    holds "$("$kelp" run -m 64m --cgroup-parent="$parent" host true 2>&1)" \
      "kelp: warning: -m 64m: the cgroup $parent above leaves less (memory.max 33554432)"'
}
a_parent_without_the_controller_is_refused() {
  with_parent '
    holds "$(fails_with 125 "$kelp" run --cpus 1 --cgroup-parent="$parent" host true 2>&1)" \
      "kelp: cannot use --cpus 1: the cgroup controller cpu is not there in $parent"'
}
a_parent_that_holds_processes_is_refused() {
  with_parent '
    echo $$ >"$parent/cgroup.procs"
    holds "$(fails_with 125 "$kelp" run -m 64m --cgroup-parent="$parent" host true 2>&1)" \
      "kelp: cannot use -m 64m: the controller memory cannot be enabled in $parent: it holds other processes"'
}
a_parent_out_of_reach_is_refused() {
  holds "$(fails_with 125 "$kelp" run -m 64m --cgroup-parent="/user.slice/user-$(id -u).slice/user@$(id -u).service/app.slice" host true 2>&1)" \
    "no process can go there from kelp's own cgroup"
  holds "$(fails_with 125 "$kelp" run -m 64m --cgroup-parent=/system.slice host true 2>&1)" "you may not write to"
}
a_slice_can_be_named() {
  "$kelp" run -m 64m --cgroup-parent=kelptest.slice host sleep 60 &
  local kelp_pid=$!
  soon is_running
  holds "$(limited)" /kelptest.slice/
  kill "$kelp_pid"
  wait "$kelp_pid" || true
}

doctor_tells_what_can_be_limited() {
  holds "$("$kelp" doctor || true)" "cgroups: limits by memory, cpu, pids"
}

for name in $(declare -F | cut -d' ' -f3); do
  case $name in
    claim | finish | same | holds | fails_with | soon | cgroups_of_kelp | nothing_is_left | is_running | limited) ;;
    alone | with_parent) ;;
    *) claim "$name" ;;
  esac
done
finish
