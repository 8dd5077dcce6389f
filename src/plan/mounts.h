// SPDX-License-Identifier: Apache-2.0
// Parts of the lowering of mounts that are large enough for files of their own. Inside plan/ only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plan/steps.h"

namespace kelp::plan {

// A tmpfs's own options; `bytes` as in Tmpfs.
std::string tmpfs_options(const Spec& spec, std::uint64_t bytes, std::uint32_t mode);

// What is to be in the file instead of what the host's has (dns.cc); nothing: the host's own is bound.
std::optional<std::string> content_of(const NetworkFile& file, const Spec& spec, const host::Facts& facts);

// A small /dev (devices.cc).
struct DevicesInside {
  bool has_own_queues = false;      // the ipc namespace is new
  bool has_terminal_group = false;  // group 5 is mapped
};
std::vector<Action> device_steps(const Devices& devices, const Spec& spec, const DevicesInside& inside,
                                 Steps& steps);

// A bind of the host (binds.cc), nothing where an optional source is absent; a refusal names `origin`.
Result<std::optional<BindMount>> bind_step(const Bind& bind, const host::Facts& facts, const Origin& origin,
                                           Steps& steps);

// An overlay of the host's directories (layers.cc); a refusal names `origin`.
Result<MountOverlay> overlay_step(const OverlayMount& overlay, const host::Facts& facts, const Origin& origin,
                                  Steps& steps);
// What a foreign configuration mounts and makes (plain_mounts.cc).
MountPlainly plain_mount_step(const PlainMount& mount, const Spec& spec, const IdMaps& ids, Steps& steps);
MakeNode node_step(const DeviceNode& node, const IdMaps& ids, Steps& steps);

// ROOT and further lower directories must exist and be directories (root.cc); the parent says so in plain
// words.
Status check_directory(const std::string& path, const host::Facts& facts, std::string_view role,
                       const Origin& origin);
// Whether something needs kelp's own tmpfs, and whether a program lies in there.
bool needs_scratch(const Spec& spec, const host::Facts& facts, bool masks);
bool has_programs(const Spec& spec);

}  // namespace kelp::plan
