// SPDX-License-Identifier: Apache-2.0
// Single causes of refused file systems. Each looks at one thing and gives nothing where it is not so.
// Runs in: parent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/causes.h"

namespace kelp::host {

std::optional<Cause> no_proc_here(const Machine& machine);
std::optional<Cause> proc_is_masked(const Machine& machine);
std::optional<Cause> sysfs_is_masked(const Machine& machine);
std::optional<Cause> kernel_without_overlay(const Machine& machine);
// For kelp at all: nothing mends or replaces what it lacks.
std::optional<Cause> kernel_too_old(const Machine& machine);

// {major, minor} of a release like "6.18.44-fc"; {0, 0} where it is none.
struct KernelVersion {
  unsigned major = 0;
  unsigned minor = 0;
  auto operator<=>(const KernelVersion&) const = default;
};
KernelVersion read_kernel_version(std::string_view release);

}  // namespace kelp::host
