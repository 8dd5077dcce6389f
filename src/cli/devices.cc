// SPDX-License-Identifier: Apache-2.0
// Device nodes of the host; see devices.h.
#include "cli/devices.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/text.h"

namespace kelp::cli {
namespace {

using Kind = HostNode::Kind;

// More is no directory of devices but a mistake.
constexpr std::size_t kMostDevices = 1000;
constexpr int kMostLevels = 8;

Error cannot_share(const std::string& from, const std::string& typed, std::string reason) {
  return {cat("share ", from, " (", typed, ")"), std::move(reason)};
}

std::string octal(std::uint32_t mode) { return cat("0", (mode >> 6U) & 7U, (mode >> 3U) & 7U, mode & 7U); }

Mount bind_of(const std::string& from, const std::string& to, const std::string& typed) {
  return {
      .what = Bind{.from = from,
                   .to = to,
                   // A node is written through a read-only mount all the same; its mode and owner are not.
                   .writable = false,
                   .devices = true,
                   .is_device = true,
                   .executable = false,
                   .recursive = false},
      .origin = {typed}};
}

Status check_node(const HostNode& node, const std::string& from, const std::string& typed) {
  if (node.is_on_nodev)
    return cannot_share(from, typed, "devices do not work there: its file system is mounted nodev");
  if (node.is_open) return {};
  const std::string reason = cat("you may neither read nor write it (mode ", octal(node.mode), ", owner ",
                                 node.owner, ", group ", node.group, ")");
  Error error = cannot_share(from, typed, reason);
  if ((node.mode & 0060U) == 0) return error;
  return std::move(error).with_hint(cat("the members of group ", node.group, " may"));
}

// Terminals belong to the container's own devpts, and the others are mounts of kelp's own.
bool is_of_container(std::string_view name, int level) {
  static constexpr auto kNames = std::to_array<std::string_view>({"pts", "ptmx", "shm", "mqueue", "console"});
  return level == 0 && std::ranges::find(kNames, name) != kNames.end();
}

class Directory {
 public:
  Directory(const Surroundings& around, const std::string& typed) : around_(around), typed_(typed) {}

  Result<std::vector<Mount>> read(const std::string& from, const std::string& to) {
    if (Status s = add(from, to, 0); !s) return s.error();
    if (found_.empty()) return cannot_share(from, typed_, "no device is in this directory");
    return std::move(found_);
  }

 private:
  Status add(const std::string& from, const std::string& to, int level) {
    if (level == kMostLevels) return {};
    for (const std::string& name : around_.names_in(from)) {
      if (is_of_container(name, level)) continue;
      const std::string inner = cat(from, "/", name);
      const HostNode node = around_.look_at(inner);
      // A link has its device beside it, or leads out of what was named.
      if (node.is_link) continue;
      if (node.kind == Kind::kDirectory) {
        if (Status s = add(inner, cat(to, "/", name), level + 1); !s) return s;
      } else if (node.kind == Kind::kDevice) {
        found_.push_back(bind_of(inner, cat(to, "/", name), typed_));
      }
      if (found_.size() > kMostDevices)
        return cannot_share(inner, typed_, cat("these are more than ", kMostDevices, " devices"));
    }
    return {};
  }

  const Surroundings& around_;
  const std::string& typed_;
  std::vector<Mount> found_;
};

std::string normal(const std::string& path) {
  std::string out = std::filesystem::path(path).lexically_normal();
  while (out.size() > 1 && out.ends_with('/')) out.pop_back();
  return out;
}

const Bind* device_at(const std::string& to, const std::vector<Mount>& mounts, Origin& origin) {
  for (const Mount& mount : mounts) {
    const auto* bind = std::get_if<Bind>(&mount.what);
    if (bind == nullptr || !bind->is_device || normal(bind->to) != normal(to)) continue;
    origin = mount.origin;
    return bind;
  }
  return nullptr;
}

}  // namespace

Result<std::vector<Mount>> device_mounts(const DeviceRequest& request, const Surroundings& around) {
  const auto& [from, to, typed, may_be_closed] = request;
  if (!around.look_at || !around.names_in) return cannot_share(from, typed, "nothing can be looked at here");
  const HostNode node = around.look_at(from);
  switch (node.kind) {
    case Kind::kAbsent: return cannot_share(from, typed, node.why);
    case Kind::kOther:
      return cannot_share(from, typed, "it is no device")
          .with_hint(cat("-v ", shell_quoted(from), ":", shell_quoted(to), " shares other files"));
    case Kind::kDirectory: return Directory(around, typed).read(normal(from), normal(to));
    case Kind::kDevice: break;
  }
  if (!may_be_closed) {
    if (Status s = check_node(node, from, typed); !s) return s.error();
  }
  return std::vector<Mount>{bind_of(from, to, typed)};
}

std::string trouble_with_permissions(std::string_view letters) {
  const auto count = [&](char letter) { return std::ranges::count(letters, letter); };
  const auto known = count('r') + count('w') + count('m');
  const bool is_list =
      !letters.empty() && known == std::ssize(letters) && std::max({count('r'), count('w'), count('m')}) == 1;
  if (!is_list) return cat("'", letters, "' is no list of the letters r, w and m");
  if (count('r') == 1 && count('w') == 1) return {};
  return cat("'", letters, "' cannot be enforced: what is done with a device only its own permissions limit");
}

Status add_devices(std::vector<Mount> devices, std::vector<Mount>& mounts) {
  for (Mount& device : devices) {
    const Bind& bind = std::get<Bind>(device.what);
    Origin origin;
    const Bind* const earlier = device_at(bind.to, mounts, origin);
    if (earlier == nullptr) {
      mounts.push_back(std::move(device));
    } else if (normal(earlier->from) != normal(bind.from)) {
      return cannot_share(bind.from, device.origin.text,
                          cat("on ", bind.to, " is ", earlier->from, " already (", origin.text, ")"));
    }
  }
  return {};
}

}  // namespace kelp::cli
