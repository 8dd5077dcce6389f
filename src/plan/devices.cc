// SPDX-License-Identifier: Apache-2.0
// What a small /dev is made of.
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>

#include <utility>

#include "base/text.h"
#include "plan/mounts.h"

namespace kelp::plan {
namespace {

void add_nodes(const std::string& dev, Steps& steps, std::vector<Action>& out) {
  struct Node {
    const char* name;
    unsigned major_number;
    unsigned minor_number;
  };
  // Device nodes cannot be made in a user namespace; the host's are bound, after a look at their numbers.
  for (const Node& node : {Node{"null", 1, 3}, Node{"zero", 1, 5}, Node{"full", 1, 7}, Node{"random", 1, 8},
                           Node{"urandom", 1, 9}, Node{"tty", 5, 0}}) {
    out.emplace_back(
        BindMount{.source = steps.source(cat("/dev/", node.name)),
                  .to = cat(dev, "/", node.name),
                  // A node is written through a read-only mount all the same; its mode and owner are not.
                  .attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
                  .recursive = false,
                  .device_number = makedev(node.major_number, node.minor_number)});
  }
}

void add_shared_memory(const Devices& devices, const Spec& spec, std::vector<Action>& out) {
  const std::string shm = cat(devices.to, "/shm");
  if (!devices.has_own_shm) {
    out.emplace_back(MakeDirectory{.to = shm});
    return;
  }
  out.emplace_back(NewFilesystem{.type = "tmpfs",
                                 .options = tmpfs_options(spec, devices.shm_bytes, 01777),
                                 .flags = MS_NOSUID | MS_NODEV,
                                 .to = shm});
}

void add_queues(const Devices& devices, const DevicesInside& inside, Steps& steps, std::vector<Action>& out) {
  if (!devices.has_mqueue) return;
  const std::string mqueue = cat(devices.to, "/mqueue");
  if (inside.has_own_queues) {
    out.emplace_back(
        NewFilesystem{.type = "mqueue", .flags = MS_NOSUID | MS_NODEV | MS_NOEXEC, .to = mqueue});
    return;
  }
  out.emplace_back(BindMount{.source = steps.source("/dev/mqueue", true, true),
                             .to = mqueue,
                             .attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC});
}

}  // namespace

std::vector<Action> device_steps(const Devices& devices, const Spec& spec, const DevicesInside& inside,
                                 Steps& steps) {
  const std::string& dev = devices.to;
  std::vector<Action> out;
  out.emplace_back(NewFilesystem{
      .type = "tmpfs",
      .options = devices.has_own_shm ? "mode=0755,size=64k" : tmpfs_options(spec, devices.shm_bytes, 0755),
      .flags = std::uint64_t{MS_NOSUID} | (devices.has_own_shm ? MS_NOEXEC : MS_NODEV),
      .to = dev});
  add_nodes(dev, steps, out);
  const std::string terminal_group = inside.has_terminal_group ? ",gid=5" : "";
  out.emplace_back(NewFilesystem{.type = "devpts",
                                 .options = cat("newinstance,ptmxmode=0666,mode=0620", terminal_group),
                                 .flags = MS_NOSUID | MS_NOEXEC,
                                 .to = cat(dev, "/pts")});
  add_shared_memory(devices, spec, out);
  add_queues(devices, inside, steps, out);
  for (const auto& [name, target] : {std::pair{"ptmx", "pts/ptmx"},
                                     {"fd", "/proc/self/fd"},
                                     {"stdin", "/proc/self/fd/0"},
                                     {"stdout", "/proc/self/fd/1"},
                                     {"stderr", "/proc/self/fd/2"}}) {
    out.emplace_back(MakeSymlink{.target = target, .to = cat(dev, "/", name)});
  }
  return out;
}

}  // namespace kelp::plan
