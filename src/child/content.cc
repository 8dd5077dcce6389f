// SPDX-License-Identifier: Apache-2.0
// Files of kelp's own in the scratch tmpfs, bound into the new root: content that was given, and emptiness
// that hides what is there. Runs in: child.
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::child {
namespace {

constexpr std::size_t kMaxCopiedFile = 1U << 20U;  // of /etc/hosts and the like

// A new object in the scratch tmpfs, as something that can be bound.
Result<OpenSource> describe(sys::UniqueFd fd) {
  const Result<sys::MountIdentity> identity = sys::identify(fd.get());
  if (!identity) return identity.error();
  struct stat info{};
  if (::fstatat(fd.get(), "", &info, AT_EMPTY_PATH) != 0) return sys::failure("look at a file of kelp's own");
  OpenSource made;
  made.is_directory = S_ISDIR(info.st_mode);
  made.device = identity->device;
  made.inode = identity->inode;
  made.fd = std::move(fd);
  return made;
}

// Content of kelp's own is a help for programs inside. The caller may have a limit below its size, under
// which a write would end this process (SIGXFSZ): then it stays empty.
Status write_own(const plan::WriteFile& step, int fd) {
  rlimit most{};
  if (::getrlimit(RLIMIT_FSIZE, &most) != 0) return sys::failure("read the limit fsize");
  if (step.content.size() > most.rlim_cur) return {};
  return sys::write_all(fd, step.content, step.to);
}

}  // namespace

Status copy_all(int from_fd, int to_fd, const std::string& name) {
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t count = ::read(from_fd, buffer.data(), buffer.size());
    if (count == 0) return {};
    if (count < 0) {
      if (errno == EINTR) continue;
      return sys::failure(cat("read descriptor ", from_fd));
    }
    if (Status s = sys::write_all(to_fd, {buffer.data(), static_cast<std::size_t>(count)}, name); !s)
      return s;
  }
}

// The same empty file or directory serves every Cover and every mask.
Result<OpenSource> open_empty(Context& context, bool is_directory) {
  const char* name = is_directory ? "empty-directory" : "empty-file";
  if (is_directory) {
    if (::mkdirat(context.scratch.get(), name, 0555) != 0 && errno != EEXIST)
      return sys::failure("make an empty directory");
  } else {
    const Result<sys::UniqueFd> file = sys::open_at(context.scratch.get(), name, O_WRONLY | O_CREAT, 0444);
    if (!file) return sys::failure("make an empty file", file.error().code());
  }
  Result<sys::UniqueFd> fd = sys::open_at(context.scratch.get(), name, O_PATH | O_NOFOLLOW);
  if (!fd) return fd.error();
  return describe(std::move(*fd));
}

Status perform(const plan::BindContent& step, Context& context) {
  const std::string name = cat("file-", context.scratch_files++);
  Result<sys::UniqueFd> file =
      sys::open_at(context.scratch.get(), name, O_WRONLY | O_CREAT | O_EXCL, step.mode);
  if (!file) return file.error();
  if (step.copy_of) {
    Result<OpenSource*> original = source(context, *step.copy_of);
    if (!original) return original.error();
    if (!(*original)->is_absent) {
      Result<std::string> text = sys::read_file(sys::proc_path((*original)->fd.get()), kMaxCopiedFile);
      if (!text) return text.error();
      if (!text->empty() && !text->ends_with('\n')) *text += '\n';
      if (Status s = sys::write_all(file->get(), *text, step.to); !s) return s;
    }
  }
  if (step.fd >= 0) {
    if (Status s = copy_all(step.fd, file->get(), step.to); !s)
      return std::move(s.error()).with_part(FailedPart::kContent, step.to);
  }
  if (Status s = sys::write_all(file->get(), step.content, step.to); !s) return s;
  file->reset();

  Result<sys::UniqueFd> opened = sys::open_at(context.scratch.get(), name, O_PATH | O_NOFOLLOW);
  if (!opened) return opened.error();
  Result<OpenSource> what = describe(std::move(*opened));
  if (!what) return what.error();
  MountPoint wanted{.what = sys::Make::kFile, .mode = 0644};
  if (step.follow_dangling) wanted.dangling = sys::Dangling::kFollow;
  Result<sys::UniqueFd> target = mount_point(context, step.to, wanted);
  if (!target) return target.error();
  std::uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  if (!step.writable) attributes |= MOUNT_ATTR_RDONLY;
  Result<sys::UniqueFd> mount = bind_at(context, *what, step.to, *target, {.attributes = attributes});
  if (!mount) return mount.error();
  return {};
}

Status perform(const plan::WriteFile& step, Context& context) {
  Result<sys::UniqueFd> place = mount_point(context, step.to, {.what = sys::Make::kFile, .mode = step.mode});
  if (!place) return place.error();
  // The object that the resolver found, whatever its name leads to by now.
  const Result<sys::UniqueFd> file =
      sys::open_file(sys::proc_path(place->get()), O_WRONLY | O_TRUNC | O_NONBLOCK | O_NOCTTY);
  if (!file)
    return sys::failure(cat("write ", step.to), file.error().code()).with_part(FailedPart::kFile, step.to);
  if (step.fd < 0) return write_own(step, file->get());
  Status copied = copy_all(step.fd, file->get(), step.to);
  if (!copied) return std::move(copied.error()).with_part(FailedPart::kContent, step.to);
  return copied;
}

Status perform(const plan::Cover& step, Context& context) {
  Result<sys::UniqueFd> there = look_up(context, step.path);
  if (!there) {
    if (there.error().code() == ENOENT || there.error().code() == ENOTDIR) return {};
    return there.error();
  }
  struct stat info{};
  if (::fstatat(there->get(), "", &info, AT_EMPTY_PATH) != 0) return sys::failure(cat("hide ", step.path));
  Result<OpenSource> empty = open_empty(context, S_ISDIR(info.st_mode));
  if (!empty) return empty.error();
  constexpr std::uint64_t kAttributes =
      MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  Result<sys::UniqueFd> mount = bind_at(context, *empty, step.path, *there, {.attributes = kAttributes});
  if (!mount) return mount.error();
  return {};
}

}  // namespace kelp::child
