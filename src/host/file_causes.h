// SPDX-License-Identifier: Apache-2.0
// Single causes of refused file systems and cgroups. Each looks at one thing and gives nothing where it
// is not so.
// Runs in: parent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/causes.h"

namespace kelp::host {

// Of file systems.
std::optional<Cause> no_proc_here(const Machine& machine);
std::optional<Cause> proc_is_masked(const Machine& machine);
std::optional<Cause> sysfs_is_masked(const Machine& machine);
std::optional<Cause> kernel_without_overlay(const Machine& machine);

// Of cgroups.
std::optional<Cause> no_delegation(const Machine& machine);

// {major, minor} of a release like "6.18.44-fc"; {0, 0} where it is none.
struct KernelVersion {
  unsigned major = 0;
  unsigned minor = 0;
  auto operator<=>(const KernelVersion&) const = default;
};
KernelVersion read_kernel_version(std::string_view release);

// The cgroup v2 directory below which kelp may make cgroups: our own, else that of the systemd user manager;
// empty: none.
std::string delegated_cgroup(const Machine& machine);

}  // namespace kelp::host
