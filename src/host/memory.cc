// SPDX-License-Identifier: Apache-2.0
// How much memory there is for us; see memory.h.
// Runs in: parent.
#include "host/memory.h"

#include <sys/sysinfo.h>

#include <algorithm>

#include "base/text.h"
#include "sys/files.h"

namespace kelp::host {
namespace {

constexpr std::string_view kSumOfLevels = "hierarchical_memory_limit ";

// cgroup paths have few levels; a hostile one must not cost more.
constexpr std::size_t kMostLevels = 16;

bool has_controller(std::string_view list, std::string_view name) {
  return std::ranges::any_of(split(list, ','), [&](std::string_view one) { return one == name; });
}

std::vector<std::string> levels_of(std::string_view path) {
  std::vector<std::string> files;
  while (path.size() > 1 && files.size() < kMostLevels) {
    files.push_back(cat("/sys/fs/cgroup", path, "/memory.max"));
    path = path.substr(0, path.rfind('/'));
  }
  // The first cgroup of the machine has no such file, that of a container's own cgroup namespace has.
  files.emplace_back("/sys/fs/cgroup/memory.max");
  return files;
}

}  // namespace

std::vector<std::string> memory_limit_files(std::string_view proc_cgroup) {
  std::string_view unified;
  for (const std::string_view line : split(proc_cgroup, '\n')) {  // ID:CONTROLLERS:PATH
    const std::size_t one = line.find(':');
    const std::size_t two = one == std::string_view::npos ? one : line.find(':', one + 1);
    if (two == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(one + 1, two - one - 1);
    const std::string_view path = line.substr(two + 1);
    // A path with `..` lies above our cgroup namespace: no file of it can be reached.
    if (!path.starts_with('/') || path.find("/..") != std::string_view::npos) continue;
    if (has_controller(controllers, "memory")) {
      return {cat("/sys/fs/cgroup/memory", path == "/" ? "" : path, "/memory.stat"),
              "/sys/fs/cgroup/memory/memory.stat"};
    }
    if (controllers.empty()) unified = path;
  }
  if (unified.empty()) return {};
  return levels_of(unified);
}

std::optional<std::uint64_t> read_memory_limit(std::string_view text) {
  if (const std::size_t found = text.find(kSumOfLevels); found != std::string_view::npos) {
    text.remove_prefix(found + kSumOfLevels.size());
  }
  return read_decimal(text.substr(0, text.find('\n')), UINT64_MAX);
}

std::uint64_t available_memory() {
  struct sysinfo info{};
  std::uint64_t bytes = ::sysinfo(&info) == 0 ? std::uint64_t{info.totalram} * info.mem_unit : 0;
  const Result<std::string> cgroup = sys::read_proc("/proc/self/cgroup");
  if (!cgroup) return bytes;
  for (const std::string& file : memory_limit_files(*cgroup)) {
    const Result<std::string> text = sys::read_proc(file);
    if (!text) continue;
    const std::optional<std::uint64_t> limit = read_memory_limit(*text);
    // v1 tells "no limit" as a number near 2^63.
    if (limit && (bytes == 0 || *limit < bytes)) bytes = *limit;
    // A v1 file has summed its levels up, and the second one is for where the first does not exist.
    if (file.ends_with("memory.stat")) break;
  }
  return bytes;
}

}  // namespace kelp::host
