// SPDX-License-Identifier: Apache-2.0
// Single causes of refused namespaces and rights. Each looks at one thing and gives nothing where it is not
// so. Runs in: parent.
#pragma once

#include <optional>

#include "host/causes.h"

namespace kelp::host {

std::optional<Cause> no_kernel_support(const Machine& machine);
std::optional<Cause> switched_off(const Machine& machine);         // kernel.unprivileged_userns_clone
std::optional<Cause> limit_of_namespaces(const Machine& machine);  // user.max_*_namespaces
std::optional<Cause> restricted_by_apparmor(const Machine& machine);
std::optional<Cause> restricted_by_seccomp(const Machine& machine);
std::optional<Cause> mounts_restricted_by_seccomp(const Machine& machine);
std::optional<Cause> mounts_restricted_by_landlock(const Machine& machine);
std::optional<Cause> in_a_chroot(const Machine& machine);
std::optional<Cause> own_id_not_mapped(const Machine& machine);
std::optional<Cause> limit_of_processes(const Machine& machine);
std::optional<Cause> limit_of_descriptors(const Machine& machine);
std::optional<Cause> keys_restricted_by_seccomp(const Machine& machine);
std::optional<Cause> root_without_setfcap(const Machine& machine);
std::optional<Cause> root_is_initramfs(const Machine& machine);

}  // namespace kelp::host
