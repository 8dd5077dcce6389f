// SPDX-License-Identifier: Apache-2.0
// Which mount lies on which, as the kernel lists it.
// Runs in: child.
#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/mounts.h"

namespace kelp::sys {
namespace {

constexpr std::size_t kMostMountinfo = 256U << 20U;  // fs.mount-max times a long line

}  // namespace

Result<std::unordered_map<std::uint64_t, std::uint64_t>> parents_of_mounts() {
  constexpr const char* kPath = "/proc/self/mountinfo";
  const Result<std::string> text = read_proc(kPath, kMostMountinfo);
  if (!text) return text.error();
  std::unordered_map<std::uint64_t, std::uint64_t> parents;
  for (const std::string_view line : split(*text, '\n')) {
    if (line.empty()) continue;
    // "36 35 98:0 /mnt1 /mnt2 …" (proc_pid_mountinfo(5))
    const std::size_t first = line.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    if (second == std::string_view::npos) return failure(cat("read ", kPath), EINVAL);
    const auto id = read_decimal(line.substr(0, first), UINT64_MAX);
    const auto parent = read_decimal(line.substr(first + 1, second - first - 1), UINT64_MAX);
    if (!id || !parent) return failure(cat("read ", kPath), EINVAL);
    parents.insert_or_assign(*id, *parent);
  }
  return parents;
}

}  // namespace kelp::sys
