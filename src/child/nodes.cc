// SPDX-License-Identifier: Apache-2.0
// Devices and FIFOs that a foreign configuration asks for. Runs in: child.
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::child {
namespace {

struct Kind {
  mode_t format = S_IFCHR;
  dev_t number = 0;
};

Kind kind_of(const DeviceNode& node) {
  if (node.type == 'p') return {.format = S_IFIFO, .number = 0};
  return {.format = node.type == 'b' ? static_cast<mode_t>(S_IFBLK) : static_cast<mode_t>(S_IFCHR),
          .number = makedev(node.major, node.minor)};
}

bool is_it(const struct stat& info, const Kind& kind) {
  if ((info.st_mode & S_IFMT) != kind.format) return false;
  return kind.format == S_IFIFO || info.st_rdev == kind.number;
}

std::string named(const DeviceNode& node) {
  return cat(node.type == 'p' ? "make the FIFO " : "make the device ", node.path);
}

struct Name {
  std::string directory, last;
};
Name name_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return {.directory = slash == 0 ? "/" : path.substr(0, slash), .last = path.substr(slash + 1)};
}

// Its owner and mode, by itself.
Status dress(const sys::UniqueFd& directory, const std::string& name, const DeviceNode& node) {
  const Result<sys::UniqueFd> made = sys::open_at(directory.get(), name, O_PATH | O_NOFOLLOW);
  if (!made) return sys::failure(named(node), made.error().code());
  struct stat info{};
  if (::fstatat(made->get(), "", &info, AT_EMPTY_PATH) != 0) return sys::failure(named(node));
  if (!is_it(info, kind_of(node))) return Error(named(node), "something else is there meanwhile");
  if (::fchownat(made->get(), "", node.user, node.group, AT_EMPTY_PATH) != 0) {
    return sys::failure(cat("give ", node.path, " to ", node.user, ":", node.group));
  }
  // After the owner, whose change takes bits away.
  if (::chmod(sys::proc_path(made->get()).c_str(), node.mode & 07777U) != 0)
    return sys::failure(cat("set the permissions of ", node.path));
  return {};
}

// The machine's own node of that number.
Status bind_node(const plan::MakeNode& step, Context& context) {
  const DeviceNode& node = step.what;
  Result<OpenSource*> host = source(context, *step.source);
  if (!host) return host.error();
  if ((*host)->is_absent) {
    if (node.optional) return {};
    return Error(named(node), "the kernel lets us make none here, and the machine has no such node to share")
        .with_code(ENOENT);
  }
  struct stat info{};
  if (::fstatat((*host)->fd.get(), "", &info, AT_EMPTY_PATH) != 0) return sys::failure(named(node));
  if (!is_it(info, kind_of(node))) {
    return Error(named(node), cat("the kernel lets us make none here, and the machine's ", node.path,
                                  " is not ", std::string(1, node.type), " ", node.major, ":", node.minor))
        .with_code(EPERM);
  }
  const Result<sys::UniqueFd> target = mount_point(
      context, node.path,
      {.what = sys::Make::kFile, .mode = 0644, .dangling = sys::Dangling::kFollow, .create_anywhere = true});
  if (!target) return target.error();
  // A node is written through a read-only mount all the same; its mode and owner are not.
  const Result<sys::UniqueFd> mount =
      bind_at(context, **host, node.path, *target,
              {.attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
               .recursion = sys::Recursion::kThisMount});
  if (!mount) return mount.error();
  (*host)->fd.reset();
  return {};
}

}  // namespace

Status perform(const plan::MakeNode& step, Context& context) {
  const DeviceNode& node = step.what;
  const Kind kind = kind_of(node);
  const auto [directory_path, name] = name_of(node.path);
  const Result<sys::UniqueFd> directory = mount_point(context, directory_path, {.create_anywhere = true});
  if (!directory) return directory.error();
  struct stat there{};
  const bool is_there = ::fstatat(directory->get(), name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0;
  if (is_there && is_it(there, kind)) return {};
  if (kind.format != S_IFIFO && !step.may_make) return bind_node(step, context);
  if (::mknodat(directory->get(), name.c_str(), kind.format | 0600U, kind.number) == 0)
    return dress(*directory, name, node);
  if (errno == EPERM && step.source) return bind_node(step, context);
  return sys::failure(named(node)).with_part(FailedPart::kFile, node.path);
}

}  // namespace kelp::child
