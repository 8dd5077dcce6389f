#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Slurm on one node with kelp-oci behind oci.conf (KELP_ENGINE_RUNTIME: another, to compare): srun --container=BUNDLE.
# As root, with munged, slurmctld and slurmd of its own on loopback. Run by `place`.
# shellcheck disable=SC2154,SC2317
set -u
# shellcheck source=tests/vm/checks.sh disable=SC1091
. "$(dirname "$0")/../vm/checks.sh"
# shellcheck source=tests/engines/image.sh disable=SC1091
. "$(dirname "$0")/image.sh"
runtime=${KELP_ENGINE_RUNTIME:-$KELP_STAGE/bin/kelp-oci}
place=$HOME/slurm
mkdir -p "$place"/{etc,state,spool,bundle/rootfs}
chmod 755 "$HOME" "$HOME/.." "$place" "$place/etc"
node=$(hostname -s)
export SLURM_CONF=$place/etc/slurm.conf

cat >"$SLURM_CONF" <<END
ClusterName=kelp
SlurmctldHost=$node(127.0.0.1)
SlurmUser=root
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket=$place/munge.socket
StateSaveLocation=$place/state
SlurmdSpoolDir=$place/spool
SlurmctldPidFile=$place/slurmctld.pid
SlurmdPidFile=$place/slurmd.pid
SlurmctldLogFile=$place/slurmctld.log
SlurmdLogFile=$place/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
NodeName=$node NodeAddr=127.0.0.1 CPUs=1 State=UNKNOWN
PartitionName=all Nodes=$node Default=YES State=UP
END
cat >"$place/etc/oci.conf" <<END
RunTimeQuery="$runtime --root=$place/run-%u state %n.%u.%j.%s.%t"
RunTimeKill="$runtime --root=$place/run-%u kill -a %n.%u.%j.%s.%t"
RunTimeDelete="$runtime --root=$place/run-%u delete --force %n.%u.%j.%s.%t"
RunTimeRun="$runtime --root=$place/run-%u --cgroup-manager=disabled run %n.%u.%j.%s.%t -b %b"
END
cat >"$place/etc/cgroup.conf" <<END
CgroupPlugin=cgroup/v1
IgnoreSystemd=yes
END

make_bundle() {
  make_image_tree "$place/bundle/rootfs"
  (cd "$place/bundle" && "$runtime" spec)
  # Slurm gives the container's standard streams itself.
  sed -i 's/"terminal": true/"terminal": false/' "$place/bundle/config.json"
}
daemons=()
start_daemon() {
  "$@" >>"$place/daemons.log" 2>&1 &
  daemons+=($!)
}
end_daemons() {
  local one
  for one in "${daemons[@]}"; do kill "$one" 2>/dev/null; done
  # slurmd waits for steps that do not end.
  (sleep 20; kill -KILL "${daemons[@]}") 2>/dev/null &
  wait "${daemons[@]}"
}

trap end_daemons EXIT
dd if=/dev/urandom of="$place/munge.key" bs=64 count=1 2>/dev/null
chmod 600 "$place/munge.key"
start_daemon munged -F --force --socket="$place/munge.socket" --key-file="$place/munge.key" \
  --log-file="$place/munged.log" --pid-file="$place/munged.pid" --seed-file="$place/munged.seed"
start_daemon slurmctld -D -f "$SLURM_CONF"
start_daemon slurmd -D -f "$SLURM_CONF"

is_idle() { sinfo -h -o %T | grep -q idle; }
run() { timeout 60 srun --container="$place/bundle" "$@"; }

the_node_is_idle() { soon is_idle; }
a_bundle_is_made() { make_bundle; }
srun_runs_inside() { same "$(run /bin/sh -c 'echo in $(hostname); test -e /bin/busybox && ! test -e /usr/bin')" "in $(container_host)"; }
container_host() { sed -n 's/.*"hostname": "\(.*\)".*/\1/p' "$place/bundle/config.json"; }
srun_gives_the_status() { fails_with 7 run /bin/sh -c 'exit 7' 2>/dev/null; }
a_job_is_cancelled() {
  # As PID 1 it hears TERM only if it handles it.
  run --job-name=long /bin/sh -c 'trap "exit 0" TERM; sleep 1000 & wait' >/dev/null 2>&1 &
  soon has_job
  scancel --name=long
  soon has_no_job
  left=$("$runtime" --root="$place/run-root" list -q)
  same "$left" ''
}
# One that is cancelled before its container is there is not found by Slurm's RunTimeKill, and goes on.
has_job() { squeue -h -t R | grep -q long && "$runtime" --root="$place/run-root" list | grep -q running; }
has_no_job() { [ -z "$(squeue -h)" ]; }

for one in "${@:-the_node_is_idle a_bundle_is_made srun_runs_inside srun_gives_the_status a_job_is_cancelled}"; do
  for claimed in $one; do claim "$claimed"; done
done
[ "$failures" = 0 ] || tail -n 15 "$place"/*.log
finish
