// SPDX-License-Identifier: Apache-2.0
// See host_nodes.h.
#include "verbs/host_nodes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

#include "sys/elf.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::verbs {
namespace {

cli::HostNode::Kind kind_of(mode_t mode) {
  using enum cli::HostNode::Kind;
  if (S_ISCHR(mode) || S_ISBLK(mode)) return kDevice;
  return S_ISDIR(mode) ? kDirectory : kOther;
}

}  // namespace

cli::HostNode look_at(const std::string& path) {
  cli::HostNode node;
  struct stat info{};
  if (::lstat(path.c_str(), &info) == 0) node.is_link = S_ISLNK(info.st_mode);
  if (::fstatat(AT_FDCWD, path.c_str(), &info, AT_NO_AUTOMOUNT) != 0) {
    node.why = sys::reason_of(errno);
    return node;
  }
  node.kind = kind_of(info.st_mode);
  node.mode = info.st_mode & 07777U;
  node.owner = info.st_uid;
  node.group = info.st_gid;
  if (node.kind != cli::HostNode::Kind::kDevice) return node;
  // kelp has no other ids than its caller's, so access(2) answers for what an open would.
  node.is_open = ::access(path.c_str(), R_OK) == 0 || ::access(path.c_str(), W_OK) == 0;
  struct statvfs around{};
  node.is_on_nodev = ::statvfs(path.c_str(), &around) == 0 && (around.f_flag & ST_NODEV) != 0;
  return node;
}

std::string library_name(const std::string& path) {
  const Result<sys::UniqueFd> fd = sys::open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  struct stat info{};
  if (!fd || ::fstat(fd->get(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  const Result<sys::Elf> elf = sys::read_elf(fd->get(), path);
  return elf && elf->is_loadable ? elf->soname : std::string();
}

}  // namespace kelp::verbs
