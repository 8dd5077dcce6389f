// SPDX-License-Identifier: Apache-2.0
// The list of steps while it is being built; see steps.h.
#include "plan/steps.h"

#include <cerrno>
#include <string_view>

#include "base/text.h"

namespace kelp::plan {
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
  const std::string why = file == nullptr ? "" : why_without_path(*file);
  const bool is_closed = file == nullptr || file->kind == host::FileKind::kAbsent;
  if (is_closed || !why.empty()) {
    return Error(cat("share descriptor ", fd), is_closed ? "there is no such descriptor" : why)
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
