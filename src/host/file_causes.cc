// SPDX-License-Identifier: Apache-2.0
// Single causes of refused file systems; see file_causes.h.
// Runs in: parent.
#include "host/file_causes.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace kelp::host {
namespace {

// Three names are enough to recognise who masks.
std::string some_of(const std::vector<std::string>& paths) {
  std::string text;
  for (std::size_t i = 0; i < paths.size() && i < 3; ++i)
    text += cat(i == 0 ? "" : ", ", printable(paths[i]));
  if (paths.size() > 3) text += cat(" and ", paths.size() - 3, " more");
  return text;
}

// The masks that container engines set are known; others were made by somebody in between.
std::string mend_of_masks(const Machine& machine, const std::vector<std::string>& masks) {
  const bool is_of_engine = std::ranges::any_of(masks, [](const std::string& path) {
    return path == "/proc/kcore" || path == "/proc/keys" || path == "/proc/sys" || path == "/sys/firmware";
  });
  const std::string engine = is_of_engine ? machine.outer_engine() : std::string();
  if (engine == "docker")
    return "start the outer container with `docker run --security-opt systempaths=unconfined`";
  if (engine == "podman") return "start the outer container with `podman run --security-opt unmask=ALL`";
  if (engine == "kubernetes")
    return "in the container's securityContext set procMount: Unmasked (with hostUsers: false)";
  return "start the outer container without masks on /proc and /sys";
}

}  // namespace

std::optional<Cause> no_proc_here(const Machine& machine) {
  if (machine.exists("/proc/self")) return std::nullopt;
  return Cause{.why = "no proc is mounted on /proc, and id maps are written there",
               .mend = "sudo mount -t proc proc /proc, in the place where kelp is to run"};
}

std::optional<Cause> proc_is_masked(const Machine& machine) {
  const std::vector<MountEntry> mounts = machine.mounts();
  const std::vector<std::string> masks = masks_below(mounts, "/proc");
  if (masks.empty()) return std::nullopt;
  return Cause{.why = cat("the /proc around us is masked (", some_of(masks),
                          " mounted over), and the kernel gives a "
                          "new one only where an unmasked one is visible"),
               .mend = cat("use --proc=host to share the outer /proc, or ", mend_of_masks(machine, masks))};
}

std::optional<Cause> sysfs_is_masked(const Machine& machine) {
  const std::vector<std::string> masks = masks_below(machine.mounts(), "/sys");
  if (masks.empty()) return std::nullopt;
  return Cause{.why = cat("the /sys around us is masked (", some_of(masks),
                          " mounted over), and the kernel gives a new "
                          "one only where an unmasked one is visible"),
               .mend = mend_of_masks(machine, masks)};
}

std::optional<Cause> kernel_without_overlay(const Machine& machine) {
  const KernelVersion version = read_kernel_version(machine.release);
  if (version < KernelVersion{5, 11} && version > KernelVersion{}) {
    return Cause{.why = cat("Linux ", printable(machine.release),
                            " gives no overlay in a user namespace (5.11 is the first that does)"),
                 .mend = "boot a newer kernel, or do without --overlay"};
  }
  const std::string known = machine.read("/proc/filesystems").value_or("overlay");
  if (known.find("overlay") == std::string::npos) {
    return Cause{.why = "this kernel has no overlay file system loaded", .mend = "sudo modprobe overlay"};
  }
  return std::nullopt;
}

std::optional<Cause> kernel_too_old(const Machine& machine) {
  const KernelVersion version = read_kernel_version(machine.release);
  if (version >= KernelVersion{5, 8} || version == KernelVersion{}) return std::nullopt;
  return Cause{
      .why = cat("kelp tells mounts apart by their numbers, which statx gives since Linux 5.8; this is "
                 "Linux ",
                 printable(machine.release)),
      .mend = "boot a newer kernel"};
}

KernelVersion read_kernel_version(std::string_view release) {
  KernelVersion version;
  const char* const begin = release.data();
  const char* const end = begin + release.size();
  const auto [dot, error] = std::from_chars(begin, end, version.major);
  if (error != std::errc() || dot == end || *dot != '.') return {};
  if (std::from_chars(dot + 1, end, version.minor).ec != std::errc()) return {};
  return version;
}

}  // namespace kelp::host
