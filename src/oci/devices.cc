// SPDX-License-Identifier: Apache-2.0
// linux.devices, and the devices and links that every container has (config-linux.md, "Default Devices").
#include <linux/mount.h>
#include <sys/sysmacros.h>

#include <array>
#include <ranges>
#include <set>
#include <string>
#include <utility>

#include "base/text.h"
#include "oci/sections.h"

namespace kelp::oci {
namespace {

constexpr std::uint64_t kMostMajor = (1U << 12U) - 1, kMostMinor = (1U << 20U) - 1;  // kdev_t.h
constexpr std::uint64_t kMostMode = 07777;

struct UsualDevice {
  const char* path;
  std::uint32_t major_number, minor_number;
};
constexpr auto kUsual = std::to_array<UsualDevice>({
    {"/dev/null", 1, 3},
    {"/dev/zero", 1, 5},
    {"/dev/full", 1, 7},
    {"/dev/tty", 5, 0},
    {"/dev/random", 1, 8},
    {"/dev/urandom", 1, 9},
});

struct UsualLink {
  const char* path;
  const char* target;
};
constexpr auto kLinks = std::to_array<UsualLink>({
    {"/dev/fd", "/proc/self/fd"},
    {"/dev/stdin", "/proc/self/fd/0"},
    {"/dev/stdout", "/proc/self/fd/1"},
    {"/dev/stderr", "/proc/self/fd/2"},
    {"/dev/ptmx", "pts/ptmx"},
});

std::uint32_t needed_part(const Section& device, const char* key, std::uint64_t most) {
  if (!device.has(key)) device.refuse(key, "it is missing");
  return static_cast<std::uint32_t>(device.integer(key, 0, static_cast<std::int64_t>(most)).value_or(0));
}

DeviceNode device_of(const Section& device) {
  DeviceNode node = {.path = device.needed_text("path")};
  if (!node.path.empty() && !node.path.starts_with('/'))
    device.refuse("path", cat("'", node.path, "' is not absolute"));
  const std::string type = device.needed_text("type");
  if (type == "b" || type == "p") {
    node.type = type.front();
  } else if (type != "c" && type != "u" && !type.empty()) {
    device.refuse("type", cat("'", type, "' is none of c, b, u and p"));
  }
  if (node.type != 'p') {
    node.major = needed_part(device, "major", kMostMajor);
    node.minor = needed_part(device, "minor", kMostMinor);
  }
  node.mode = static_cast<std::uint32_t>(device.number("fileMode", UINT32_MAX).value_or(0666) & kMostMode);
  node.user = static_cast<std::uint32_t>(device.number("uid", kMaxId).value_or(0));
  node.group = static_cast<std::uint32_t>(device.number("gid", kMaxId).value_or(0));
  return node;
}

// What lies on /dev, as far as the usual devices must know.
struct OnDev {
  bool is_bind = false;
  std::set<std::string> taken;  // destinations, in plain spelling
};

OnDev look_at(const std::vector<Mount>& mounts) {
  OnDev found;
  for (const Mount& mount : mounts) {
    std::string path = plain_path(destination_of(mount));
    const auto* plain = std::get_if<PlainMount>(&mount.what);
    if (path == "/dev") found.is_bind = plain != nullptr && plain->type == "bind";
    if (path.starts_with("/dev/")) found.taken.insert(std::move(path));
  }
  return found;
}

void add_usual(OnDev& dev, std::vector<Mount>& mounts) {
  for (const UsualDevice& device : kUsual) {
    if (dev.taken.contains(device.path)) continue;
    mounts.push_back({.what = DeviceNode{.path = device.path,
                                         .major = device.major_number,
                                         .minor = device.minor_number,
                                         .optional = true}});
  }
  for (const UsualLink& link : kLinks) {
    if (!dev.taken.contains(link.path))
      mounts.push_back({.what = Symlink{.target = link.target, .to = link.path}});
  }
}

// A tmpfs that is read-only in the end, and /dev, must take mount points and devices first.
void seal_late(std::vector<Mount>& mounts) {
  std::set<std::string> covered;
  std::vector<Mount> seals;
  for (Mount& mount : std::views::reverse(mounts)) {
    auto* plain = std::get_if<PlainMount>(&mount.what);
    if (plain == nullptr) continue;
    const std::string path = plain_path(plain->to);
    const bool is_last = covered.insert(path).second;
    const bool is_read_only = plain->type != "bind" && (plain->attributes.set & MOUNT_ATTR_RDONLY) != 0;
    if (!is_read_only || (plain->type != "tmpfs" && path != "/dev")) continue;
    plain->attributes.set &= ~std::uint64_t{MOUNT_ATTR_RDONLY};
    if (is_last) seals.push_back({.what = Seal{.path = plain->to}, .origin = mount.origin});
  }
  mounts.insert(mounts.end(), std::make_move_iterator(seals.rbegin()), std::make_move_iterator(seals.rend()));
}

}  // namespace

void read_devices(const Section& linux, Draft& draft) {
  std::vector<Mount>& mounts = draft.config.spec.mounts;
  OnDev dev = look_at(mounts);
  for (const Section& section : linux.objects("devices")) {
    DeviceNode node = device_of(section);
    std::string path = plain_path(node.path);
    // The machine's own /dev has what it has, and nothing of a container's is made in it.
    if (dev.is_bind && path.starts_with("/dev/")) continue;
    if (!dev.taken.insert(path).second) continue;
    mounts.push_back({.what = std::move(node), .origin = {section.path()}});
  }
  if (!dev.is_bind) add_usual(dev, mounts);
  seal_late(mounts);
}

}  // namespace kelp::oci
