// SPDX-License-Identifier: Apache-2.0
// The kernel's list of mounts; see mount_list.h.
// Runs in: child.
#include "sys/mount_list.h"

#include <linux/mount.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <unordered_map>

#include "base/text.h"
#include "sys/failure.h"

namespace kelp::sys {
namespace {

struct Option {
  std::string_view name;
  std::uint64_t attribute;
};
constexpr std::array<Option, 5> kOptions = {{
    {"ro", MOUNT_ATTR_RDONLY},
    {"nosuid", MOUNT_ATTR_NOSUID},
    {"nodev", MOUNT_ATTR_NODEV},
    {"noexec", MOUNT_ATTR_NOEXEC},
    {"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW},
}};

std::uint64_t attributes_of(std::string_view options) {
  std::uint64_t attributes = 0;
  for (const std::string_view word : split(options, ',')) {
    for (const Option& option : kOptions) {
      if (word == option.name) attributes |= option.attribute;
    }
  }
  return attributes;
}

// By the optional fields, up to the hyphen.
bool propagates(const std::vector<std::string_view>& fields) {
  for (std::size_t i = 6; i < fields.size() && fields[i] != "-"; ++i) {
    if (fields[i].starts_with("shared:") || fields[i].starts_with("master:")) return true;
  }
  return false;
}

using ById = std::unordered_map<std::uint64_t, const ListedMount*>;

// What lies on the very root of a mount, by that mount's id.
std::unordered_map<std::uint64_t, std::uint64_t> covers_of(const ById& by_id) {
  std::unordered_map<std::uint64_t, std::uint64_t> covers;
  for (const auto& [id, mount] : by_id) {
    const auto parent = by_id.find(mount->parent);
    if (parent != by_id.end() && id != mount->parent && parent->second->point == mount->point)
      covers.insert_or_assign(mount->parent, id);
  }
  return covers;
}

// The point of a path below another, which both come from one list; "/" is below "/" too.
std::string below(std::string_view point, std::string_view top) {
  if (top != "/") point.remove_prefix(std::min(top.size(), point.size()));
  while (point.starts_with('/')) point.remove_prefix(1);
  return std::string(point);
}

}  // namespace

std::string decode_mount_path(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::optional<std::uint64_t> code =
        text[i] == '\\' && i + 4 <= text.size() ? read_octal(text.substr(i + 1, 3), 0xFF) : std::nullopt;
    if (code) {
      out += static_cast<char>(*code);
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

Result<std::vector<ListedMount>> read_mount_list(std::string_view text) {
  std::vector<ListedMount> mounts;
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    // ID PARENT MAJOR:MINOR ROOT POINT OPTIONS …
    const std::vector<std::string_view> fields = split(line, ' ');
    const auto id = fields.size() < 6 ? std::nullopt : read_decimal(fields[0], UINT64_MAX);
    const auto parent = fields.size() < 6 ? std::nullopt : read_decimal(fields[1], UINT64_MAX);
    if (!id || !parent || !fields[4].starts_with('/')) return failure("read the list of mounts", EINVAL);
    mounts.push_back({.id = *id,
                      .parent = *parent,
                      .point = decode_mount_path(fields[4]),
                      .attributes = attributes_of(fields[5]),
                      .propagates = propagates(fields)});
  }
  return mounts;
}

std::vector<ListedMount> tree_of_mounts(const std::vector<ListedMount>& mounts, std::uint64_t top) {
  ById by_id;
  for (const ListedMount& mount : mounts) by_id.insert_or_assign(mount.id, &mount);
  const auto listed = by_id.find(top);
  if (listed == by_id.end()) return {};
  const std::unordered_map<std::uint64_t, std::uint64_t> covers = covers_of(by_id);
  const auto is_open = [&](std::uint64_t id, std::uint64_t way) {
    const auto cover = covers.find(id);
    return cover == covers.end() || cover->second == way || by_id.at(id)->propagates;
  };
  // Up from each mount; `way` is where we came from, which may well be what covers.
  const auto is_reached = [&](const ListedMount& mount) {
    std::uint64_t way = 0;
    std::uint64_t at = mount.id;
    for (std::size_t steps = 0; at != top; ++steps) {
      const auto here = by_id.find(at);
      if (here == by_id.end() || !is_open(at, way) || steps > mounts.size()) return false;
      way = at;
      at = here->second->parent;
    }
    return true;
  };
  std::vector<ListedMount> tree;
  for (const ListedMount& mount : mounts) {
    if (!is_reached(mount)) continue;
    tree.push_back(mount);
    tree.back().point = below(mount.point, listed->second->point);
  }
  return tree;
}

}  // namespace kelp::sys
