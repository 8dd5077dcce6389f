// SPDX-License-Identifier: Apache-2.0
// The list of steps while it is being built; see steps.h.
#include "plan/steps.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "base/text.h"

namespace kelp::plan {
namespace {

// These names mean another file to each process that looks: there is nothing that could have been replaced.
bool is_each_process_own(std::string_view path) {
  return path.starts_with("/proc/self/") || path.starts_with("/proc/thread-self/");
}

}  // namespace

SourceIndex Steps::source(std::string path, bool follow, bool optional) {
  const host::HostFile* file = facts_.file(path);
  Source source{.path = std::move(path), .follow = follow, .optional = optional};
  const auto name = follow ? read_descriptor_name(source.path) : std::nullopt;
  const host::HostFile* link = name ? facts_.file(name->link) : nullptr;
  if (link != nullptr && link->link_target.starts_with('/')) source.path = cat(link->link_target, name->rest);
  if (file != nullptr && file->error == 0 && !is_each_process_own(source.path)) {
    source.device = file->device;
    source.inode = file->inode;
  }
  sources_.push_back(std::move(source));
  return sources_.size() - 1;
}

Result<SourceIndex> Steps::source_of(int fd) {
  const host::HostFile* file = facts_.file(descriptor_path(fd));
  // A pipe's link, "pipe:[5]", is no path.
  if (file == nullptr || file->kind == host::FileKind::kAbsent || !file->link_target.starts_with('/')) {
    return Error(cat("share descriptor ", fd), "there is no such descriptor")
        .with_code(ENOENT)
        .with_part(FailedPart::kSource, descriptor_path(fd));
  }
  sources_.push_back(Source{.path = file->link_target, .device = file->device, .inode = file->inode});
  return sources_.size() - 1;
}

std::vector<Step> Steps::finish() && {
  if (!sources_.empty()) {
    steps_.insert(steps_.begin(), Step{.what = OpenSources{.sources = std::move(sources_)}, .origin = {}});
  }
  return std::move(steps_);
}

std::string descriptor_path(int fd) { return cat("/proc/self/fd/", fd); }

std::optional<DescriptorName> read_descriptor_name(std::string_view path) {
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

bool is_root_path(std::string_view path) { return path.find_first_not_of("/.") == std::string_view::npos; }

std::optional<Id> inside_of(const IdMap& map, Id host) {
  for (const IdRange& range : map) {
    if (host >= range.host && host - range.host < range.count) return range.inside + (host - range.host);
  }
  return std::nullopt;
}

bool has_inside(const IdMap& map, Id inside) {
  for (const IdRange& range : map) {
    if (inside >= range.inside && inside - range.inside < range.count) return true;
  }
  return false;
}

}  // namespace kelp::plan
