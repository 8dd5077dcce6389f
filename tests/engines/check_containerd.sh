#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# containerd with its runc shim set to kelp-oci (KELP_ENGINE_RUNTIME: another, to compare), as root. Run by `place`.
# shellcheck disable=SC2016  # the inner shell expands
set -u
# shellcheck source=tests/vm/checks.sh
. "$(dirname "$0")/../vm/checks.sh"
runtime=${KELP_ENGINE_RUNTIME:-$KELP_STAGE/bin/kelp-oci}
place=$HOME/containerd
mkdir -p "$place"
cat >"$place/config.toml" <<END
version = 2
root = "$place/root"
state = "$place/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "$place/socket"
[debug]
  level = "error"
[plugins."io.containerd.grpc.v1.tasks"]
  rdt_config_file = ""
END
containerd --config "$place/config.toml" >"$place/log" 2>&1 &
daemon=$!
ctr() { command ctr --address "$place/socket" "$@"; }
run() { ctr run --rm --snapshotter native --runc-binary "$runtime" "$@"; }

make_image() {
  local root=$place/image name
  mkdir -p "$root"/{bin,etc,tmp,proc,sys,dev,run,root}
  cp /bin/busybox "$root/bin/"
  for name in $(/bin/busybox --list); do [ "$name" = busybox ] || ln -s busybox "$root/bin/$name"; done
  echo 'root:x:0:0::/root:/bin/sh' >"$root/etc/passwd"
  python3 - "$root" "$place/image.tar" <<'END'
import hashlib, io, json, subprocess, sys, tarfile
layer = subprocess.run(["tar", "-C", sys.argv[1], "-c", "."], check=True, capture_output=True).stdout
def named(data):
    return hashlib.sha256(data).hexdigest(), len(data)
config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Cmd": ["/bin/sh"], "Env": ["PATH=/bin"]},
                     "rootfs": {"type": "layers", "diff_ids": ["sha256:" + named(layer)[0]]}}).encode()
kind = "application/vnd.oci.image."
def entry(data, media):
    digest, size = named(data)
    return {"mediaType": kind + media, "digest": "sha256:" + digest, "size": size}
manifest = json.dumps({"schemaVersion": 2, "mediaType": kind + "manifest.v1+json",
                       "config": entry(config, "config.v1+json"), "layers": [entry(layer, "layer.v1.tar")]}).encode()
index = entry(manifest, "manifest.v1+json")
index["annotations"] = {"io.containerd.image.name": "docker.io/library/small:latest",
                        "org.opencontainers.image.ref.name": "latest"}
with tarfile.open(sys.argv[2], "w") as out:
    for name, data in (("oci-layout", b'{"imageLayoutVersion":"1.0.0"}'),
                       ("index.json", json.dumps({"schemaVersion": 2, "manifests": [index]}).encode()),
                       *(("blobs/sha256/" + named(data)[0], data) for data in (config, manifest, layer))):
        info = tarfile.TarInfo(name)
        info.size = len(data)
        out.addfile(info, io.BytesIO(data))
END
}
image=docker.io/library/small:latest

containerd_answers() { soon ctr version >/dev/null; }
an_image_is_imported() { make_image && ctr images import --snapshotter native "$place/image.tar" >/dev/null; }
run_gives_output_and_status() {
  same "$(run "$image" one echo there)" there
  fails_with 7 run "$image" one sh -c 'exit 7'
}
run_takes_a_user_a_directory_and_variables() {
  same "$(run --user 5:6 --cwd /tmp --env A=b "$image" one sh -c 'echo $(id -u):$(id -g) $(pwd) $A')" '5:6 /tmp b'
}
binds_are_seen() {
  mkdir -p "$place/shared" && echo of the host >"$place/shared/file"
  same "$(run --mount "type=bind,src=$place/shared,dst=/mnt,options=rbind:ro" "$image" one cat /mnt/file)" 'of the host'
}
a_limit_is_in_the_cgroup_or_said() {
  local out
  if grep -qw memory /sys/fs/cgroup/cgroup.controllers; then
    holds "$(run --memory-limit 67108864 "$image" one cat /sys/fs/cgroup/memory.max)" 67108864
  else
    out=$(run --memory-limit 67108864 "$image" one true 2>&1) && return 1
    holds "$out" memory
  fi
}
a_container_stays_and_is_entered() {
  ctr run -d --snapshotter native --runc-binary "$runtime" "$image" stays sh -c 'trap "exit 3" TERM; while :; do sleep 0.1; done'
  holds "$(ctr task ls)" RUNNING
  same "$(ctr task exec --exec-id a stays echo inside)" inside
  same "$(ctr task exec --exec-id b --user 5:6 --cwd /tmp stays sh -c 'echo $(id -u) $(pwd)')" '5 /tmp'
  fails_with 9 ctr task exec --exec-id c stays sh -c 'exit 9'
  holds "$(ctr task ps stays)" PID
}
a_container_is_paused() {
  ctr task pause stays
  holds "$(ctr task ls)" PAUSED
  ctr task resume stays
  holds "$(ctr task ls)" RUNNING
}
metrics_are_there() { holds "$(ctr task metrics stays)" stays; }
a_container_is_killed_and_deleted() {
  ctr task kill -s TERM stays
  soon is_stopped
  fails_with 3 ctr task delete stays
  ctr container delete stays
}
is_stopped() { ctr task ls | grep -q STOPPED; }
a_terminal_is_one() { holds "$(script -qec "ctr --address '$place/socket' run --rm -t --snapshotter native --runc-binary '$runtime' $image one tty" /dev/null)" /dev/; }

claims=(containerd_answers an_image_is_imported run_gives_output_and_status run_takes_a_user_a_directory_and_variables
  binds_are_seen a_limit_is_in_the_cgroup_or_said a_container_stays_and_is_entered a_container_is_paused
  metrics_are_there a_container_is_killed_and_deleted a_terminal_is_one)
for one in "${@:-${claims[@]}}"; do claim "$one"; done
[ "$failures" = 0 ] || tail -20 "$place/log"
kill "$daemon"
wait "$daemon"
finish
