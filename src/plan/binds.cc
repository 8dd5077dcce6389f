// SPDX-License-Identifier: Apache-2.0
// What a bind of the host becomes, and which source cannot be one.
#include <linux/mount.h>

#include <cerrno>
#include <utility>

#include "base/text.h"
#include "plan/mounts.h"

namespace kelp::plan {
namespace {

Status check_descriptor(const Bind& bind, const host::Facts& facts, const Origin& origin) {
  std::string why = why_without_path(bind.from, facts);
  if (why.empty()) return {};
  return Error(cat("share ", bind.from, " (", origin.text, ")"), std::move(why))
      .with_code(ENOENT)
      .with_part(FailedPart::kSource, bind.from);
}

std::uint64_t attributes_of(const Bind& bind) {
  std::uint64_t attributes = 0;
  if (!bind.writable) attributes |= MOUNT_ATTR_RDONLY;
  if (!bind.devices) attributes |= MOUNT_ATTR_NODEV;
  if (!bind.setuid) attributes |= MOUNT_ATTR_NOSUID;
  if (!bind.executable) attributes |= MOUNT_ATTR_NOEXEC;
  return attributes;
}

// What the parent has seen already. Its EACCES is not final: the child looks with the ids of the container.
Status check_absent(const Bind& bind, int code, const Origin& origin) {
  std::string reason;
  switch (code) {
    case ENOENT: reason = "No such file or directory"; break;
    case ENOTDIR: reason = "Not a directory"; break;
    case ELOOP: reason = "Too many levels of symbolic links"; break;
    case ENAMETOOLONG: reason = "File name too long"; break;
    default: return {};
  }
  return Error(cat("share ", bind.from, " (", origin.text, ")"), std::move(reason))
      .with_code(code)
      .with_part(FailedPart::kSource, bind.from);
}

Result<SourceIndex> source_of(const Bind& bind, Steps& steps) {
  if (bind.from_fd >= 0) return steps.source_of(bind.from_fd);
  return steps.source(bind.from, bind.follow, bind.optional);
}

}  // namespace

Result<std::optional<BindMount>> bind_step(const Bind& bind, const host::Facts& facts, const Origin& origin,
                                           Steps& steps) {
  const host::HostFile* file = bind.from_fd < 0 ? facts.file(bind.from) : nullptr;
  if (file != nullptr && file->kind == host::FileKind::kAbsent) {
    if (bind.optional && (file->error == ENOENT || file->error == ENOTDIR)) return std::optional<BindMount>();
    if (Status s = check_absent(bind, file->error, origin); !s) return s.error();
  }
  if (Status s = check_descriptor(bind, facts, origin); !s) return s.error();
  const Result<SourceIndex> source = source_of(bind, steps);
  if (!source) return source.error();
  return std::optional(BindMount{.source = *source,
                                 .to = bind.to,
                                 .attributes = attributes_of(bind),
                                 .recursive = bind.recursive,
                                 .create_anywhere = bind.missing == MissingTarget::kCreate,
                                 .is_device = bind.is_device});
}

}  // namespace kelp::plan
