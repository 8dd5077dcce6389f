# SPDX-License-Identifier: Apache-2.0
# What the checks of this folder share: the storage of an engine in its own home, and a small image.
# shellcheck shell=bash

configure_storage() {
  mkdir -p "$HOME/.config/containers"
  printf '[storage]\ndriver = "vfs"\n' >"$HOME/.config/containers/storage.conf"
  printf '{"default":[{"type":"insecureAcceptAnything"}]}\n' >"$HOME/.config/containers/policy.json"
}

# make_image_tree DIR: busybox with a name for each of its commands.
make_image_tree() {
  local root=$1 name
  mkdir -p "$root"/{bin,etc,tmp,proc,sys,dev,run,var,root}
  cp /bin/busybox "$root/bin/"
  for name in $(/bin/busybox --list); do [ "$name" = busybox ] || ln -s busybox "$root/bin/$name"; done
  echo 'root:x:0:0::/root:/bin/sh' >"$root/etc/passwd"
  echo 'root:x:0:' >"$root/etc/group"
}
