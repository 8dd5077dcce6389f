// SPDX-License-Identifier: Apache-2.0
// Places that other engines make, with what is around kelp in them by default: a script finds kelp as
// "$kelp", and `shared` is writable at its own path.
#pragma once

#include <string>

#include "e2e/container.h"

namespace kelp::harness {

/// In a container of rootless Podman, started with `options`. kelp is around it without a fence of its own,
/// for Podman's cgroups and storage: what the script meets are Podman's filter, masks and capabilities.
inline Outcome in_podman(const std::string& shared, const Argv& options, const std::string& script) {
  const std::string build = std::filesystem::path(kelp_binary()).parent_path();
  const std::string start =
      "shared=$1; build=$2; script=$3; shift 3; export HOME=/tmp/home XDG_RUNTIME_DIR=/tmp/run; "
      "mkdir -p $HOME $XDG_RUNTIME_DIR /tmp/root; cd /tmp/root; mkdir proc sys dev etc tmp run var root usr; "
      "for name in bin sbin lib lib64; do ln -s usr/$name $name; done; cp /etc/passwd /etc/group etc/; "
      "exec podman --log-level=error --root /tmp/storage --runroot /tmp/run/storage --storage-driver vfs "
      "--cgroup-manager cgroupfs --runtime crun run --rm --cgroups=disabled --network=none "
      "-v /usr:/usr:ro -v \"$build:$build:ro\" -v \"$shared:$shared\" \"$@\" --rootfs /tmp/root "
      "sh -ec \"kelp=$build/kelp; cd $shared; $script\"";
  Argv words = {"run",
                "--userns=auto",
                "--seccomp=none",
                "--fake-root=off",
                "-v",
                shared + ":" + shared,
                "-v",
                build + ":" + build + ":ro"};
  for (const std::string& option : options) {
    if (const auto file = option.find("=/"); file != std::string::npos)
      words.insert(words.end(), {"-v", option.substr(file + 1) + ":" + option.substr(file + 1) + ":ro"});
  }
  words.insert(words.end(), {"host", "sh", "-ec", start, "sh", shared, build, script});
  words.insert(words.end(), options.begin(), options.end());
  return kelp(words);
}

}  // namespace kelp::harness
