// SPDX-License-Identifier: Apache-2.0
// Paths that lead through an open descriptor ("/dev/fd/9"), and what such a descriptor leads to.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "plan/steps.h"

namespace kelp::plan {
namespace {

// Slashes and dots that change nothing: "//proc/./self". Most paths have none.
bool has_needless(std::string_view path) {
  return path.starts_with('/') &&
         (path.find("//") != std::string_view::npos || path.find("/./") != std::string_view::npos);
}

std::string without_needless(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view part = path.substr(0, end);  // with its slash
    path.remove_prefix(end);
    if (path.empty() || (part != "/" && part != "/.")) out += part;
  }
  return out;
}

}  // namespace

bool is_each_process_own(std::string_view spelled) {
  const std::string squeezed = has_needless(spelled) ? without_needless(spelled) : std::string();
  const std::string_view path = squeezed.empty() ? spelled : squeezed;
  return path.starts_with("/proc/self/") || path.starts_with("/proc/thread-self/");
}

std::string descriptor_path(int fd) { return cat("/proc/self/fd/", fd); }

std::optional<DescriptorName> read_descriptor_name(std::string_view spelled) {
  const std::string squeezed = has_needless(spelled) ? without_needless(spelled) : std::string();
  const std::string_view path = squeezed.empty() ? spelled : squeezed;
  static constexpr auto kStreams =
      std::to_array<std::string_view>({"/dev/stdin", "/dev/stdout", "/dev/stderr"});
  static constexpr auto kDirectories =
      std::to_array<std::string_view>({"/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/"});
  for (std::size_t fd = 0; fd < kStreams.size(); ++fd) {
    if (!path.starts_with(kStreams[fd])) continue;
    const std::string_view rest = path.substr(kStreams[fd].size());
    if (rest.empty() || rest.starts_with('/'))
      return DescriptorName{.link = descriptor_path(static_cast<int>(fd)), .rest = std::string(rest)};
  }
  for (const std::string_view directory : kDirectories) {
    if (!path.starts_with(directory)) continue;
    const std::string_view number = path.substr(directory.size());
    const std::size_t end = std::min(number.find_first_not_of("0123456789"), number.size());
    if (end == 0 || (end < number.size() && number[end] != '/')) continue;
    return DescriptorName{.link = cat("/proc/self/fd/", number.substr(0, end)),
                          .rest = std::string(number.substr(end))};
  }
  return std::nullopt;
}

std::string why_without_path(const host::HostFile& link) {
  constexpr std::string_view kMemory = "/memfd:";
  constexpr std::string_view kDeleted = " (deleted)";
  std::string_view target = link.link_target;
  if (target.empty()) return {};
  if (!target.starts_with('/')) return cat("it leads to ", target, ", which has no path");
  if (!link.is_deleted) return {};
  target.remove_suffix(kDeleted.size());
  if (target.starts_with(kMemory))
    return cat("it leads to the memfd '", target.substr(kMemory.size()), "', which has no path");
  return cat("it leads to ", target, ", which has been deleted");
}

std::string why_without_path(const std::string& source, const host::Facts& facts) {
  const auto name = read_descriptor_name(source);
  const host::HostFile* link = name ? facts.file(name->link) : nullptr;
  return link == nullptr ? std::string() : why_without_path(*link);
}

}  // namespace kelp::plan
