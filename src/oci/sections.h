// SPDX-License-Identifier: Apache-2.0
// The sections of config.json, each by a file of its own. Each reads its fields out of `top` (or `linux`)
// into the Config and notes what it refuses. Inside oci/ only.
#pragma once

#include "oci/config.h"
#include "oci/section.h"
#include "oci/surroundings.h"
#include "spec/joins.h"

namespace kelp::oci {

// What the sections write into, and what they go by.
struct Draft {
  const Surroundings& around;
  Config config = {};
};

void read_root(const Section& top, Draft& draft);
void read_hooks(const Section& top, Draft& draft);
void read_annotations(const Section& top, Draft& draft);

// Right after each other: mounts go by the namespaces.
void read_namespaces(const Section& linux, Draft& draft);
void read_mounts(const Section& top, Draft& draft);

// After the mounts: which of the usual devices and links there are depends on what lies on /dev.
void read_devices(const Section& linux, Draft& draft);
void read_paths(const Section& linux, Draft& draft);
void read_seccomp(const Section& linux, Draft& draft);

void read_process(const Section& top, Draft& draft);

void read_cgroup(const Section& linux, Draft& draft);
// After the process and the namespaces, parts of which they add to.
void read_kernel(const Section& linux, Draft& draft);
void read_sysctls(const Section& linux, Draft& draft);
void read_labels(const Section& linux, Draft& draft);
void read_known_annotations(Draft& draft);
void read_resources(const Section& linux, Draft& draft);

// The path without doubled slashes, "." and a slash at its end; "/" of what is empty. ".." stays.
std::string plain_path(std::string_view path);
// Below the root in any case: what is relative begins there.
std::string inside_path(std::string_view path);
// Of the machine: what is relative begins in the bundle.
std::string bundle_path(std::string_view path, const Surroundings& around);

}  // namespace kelp::oci
