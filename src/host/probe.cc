// SPDX-License-Identifier: Apache-2.0
// Fills Facts; see probe.h.
// Runs in: parent.
#include "host/probe.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.h"
#include "host/accounts.h"
#include "host/cgroup_facts.h"
#include "host/id_facts.h"
#include "host/ladder_facts.h"
#include "host/network_facts.h"
#include "host/overlay_upper.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/landlock.h"

namespace kelp::host {
namespace {

Caller probe_caller() { return {.uid = ::geteuid(), .gid = ::getegid()}; }

// Follows links; a link that leads nowhere is absent. AT_NO_AUTOMOUNT: looking must not mount a home
// directory of another machine, which takes minutes where that machine is down.
//
// A shortage says nothing about the file: a plan without it would be that of another machine.
Result<HostFile> look_at(const std::string& path) {
  HostFile file;
  struct stat info{};
  if (::fstatat(AT_FDCWD, path.c_str(), &info, AT_NO_AUTOMOUNT) != 0) {
    if (sys::is_shortage(errno)) return sys::failure(cat("look at ", path));
    file.error = errno;
    return file;
  }
  file.kind = S_ISDIR(info.st_mode) ? FileKind::kDirectory : FileKind::kOther;
  file.device = info.st_dev;
  file.inode = info.st_ino;
  file.owner = info.st_uid;
  file.group = info.st_gid;
  file.mode = info.st_mode & 07777U;
  return file;
}

// By "..", as far as the file system of the directory goes: an overlay shows no more of it. Bind mounts in
// between are not seen.
Result<std::vector<FileIdentity>> directories_around(const std::string& directory) {
  std::vector<FileIdentity> around;
  sys::UniqueFd at;
  for (std::string_view name = directory;; name = "..") {
    Result<sys::UniqueFd> next =
        sys::open_at(at.valid() ? at.get() : AT_FDCWD, std::string(name), O_PATH | O_DIRECTORY);
    struct stat info{};
    if (next && ::fstat(next->get(), &info) != 0) return sys::failure(cat("look at ", directory));
    if (!next && sys::is_shortage(next.error().code())) return next.error();
    // What lies further up cannot be looked at; that the layer itself is missing others say.
    if (!next) return around;
    const FileIdentity identity{.device = info.st_dev, .inode = info.st_ino};
    if (!around.empty() && (around.back() == identity || around.back().device != identity.device))
      return around;
    around.push_back(identity);
    at = std::move(*next);
  }
}

Result<std::string> target_of(const std::string& path) {
  std::array<char, PATH_MAX> target;
  const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
  if (size < 0 && sys::is_shortage(errno)) return sys::failure(cat("read the link ", path));
  return size < 0 ? std::string() : std::string(target.data(), static_cast<std::size_t>(size));
}

// A name may also end so; what is there is then the same file.
bool is_deleted(const std::string& target, const HostFile& file) {
  if (!target.ends_with(" (deleted)")) return false;
  struct stat info{};
  return ::fstatat(AT_FDCWD, target.c_str(), &info, AT_NO_AUTOMOUNT) != 0 || info.st_dev != file.device ||
         info.st_ino != file.inode;
}

Status probe_files(const Needs& needs, Facts& facts) {
  facts.files.reserve(needs.files.size() + needs.links.size());
  for (const auto* paths : {&needs.files, &needs.links, &needs.real_paths}) {
    for (const std::string& path : *paths) {
      if (facts.files.contains(path)) continue;
      Result<HostFile> file = look_at(path);
      if (!file) return file.error();
      facts.files.emplace(path, std::move(*file));
    }
  }
  for (const std::string& path : needs.devices)
    facts.files[path].has_acl = ::getxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) > 0;
  for (const std::string& path : needs.links) {
    Result<std::string> target = target_of(path);
    if (!target) return target.error();
    HostFile& file = facts.files[path];
    file.is_deleted = is_deleted(*target, file);
    file.link_target = std::move(*target);
  }
  for (const std::string& path : needs.real_paths) {
    const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
    if (real == nullptr && sys::is_shortage(errno)) return sys::failure(cat("look at ", path));
    if (real != nullptr) facts.files[path].real_path = real.get();
  }
  return {};
}

void probe_streams(Facts& facts) {
  int terminals = 0;
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) terminals += ::isatty(fd);
  if (terminals != 3) return;
  struct stat first{};
  struct stat second{};
  struct stat third{};
  if (::fstat(0, &first) != 0 || ::fstat(1, &second) != 0 || ::fstat(2, &third) != 0) return;
  // The device number alone is not enough: each devpts has a terminal 0 of its own.
  const auto is_same = [](const struct stat& a, const struct stat& b) {
    return a.st_rdev == b.st_rdev && a.st_dev == b.st_dev;
  };
  facts.standard_streams_are_one_terminal = is_same(first, second) && is_same(second, third);
}

// Without it kelp's own program could not be told from others, and might be executed from a writable place.
Status probe_self(Facts& facts) {
  struct stat info{};
  if (::stat("/proc/self/exe", &info) != 0) return sys::failure("look at kelp's own program /proc/self/exe");
  facts.self_device = info.st_dev;
  facts.self_inode = info.st_ino;
  facts.self_owner = info.st_uid;
  facts.self_mode = info.st_mode & 07777U;
  return {};
}

Status probe_groups(Facts& facts) {
  // One call for almost everybody; a user in more groups than this costs two more.
  facts.supplementary_groups.resize(64);
  int count = ::getgroups(64, facts.supplementary_groups.data());
  if (count < 0 && errno == EINVAL) {
    count = ::getgroups(0, nullptr);
    facts.supplementary_groups.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    if (count > 0) count = ::getgroups(count, facts.supplementary_groups.data());
  }
  if (count < 0) return sys::failure("read the supplementary groups");
  facts.supplementary_groups.resize(static_cast<std::size_t>(count));
  return {};
}

std::string home_of(const std::optional<Account>& account) {
  if (account && !account->home.empty()) return account->home;
  const char* const home = std::getenv("HOME");
  return home != nullptr && home[0] == '/' ? std::string(home) : std::string();
}

Status probe_overlay_upper(Facts& facts) {
  const Result<bool> takes = tmpfs_takes_user_xattrs();
  if (!takes) return takes.error();
  facts.tmpfs_takes_user_xattrs = *takes;
  if (*takes) return {};
  Scratch scratch = find_scratch_directory();
  facts.scratch_directory = std::move(scratch.directory);
  facts.no_scratch_because = std::move(scratch.refusal);
  return {};
}

}  // namespace

Result<Facts> probe(const Needs& needs) {
  Facts facts;
  facts.caller = probe_caller();
  probe_streams(facts);
  if (Status s = probe_self(facts); !s) return s.error();

  std::optional<Account> account;
  if (needs.home) {
    Result<std::optional<Account>> local = account_in_file("/etc/passwd", facts.caller.uid);
    if (!local) return local.error();
    account = std::move(*local);
    facts.home = home_of(account);
  }
  if (needs.overlay_upper) {
    if (Status s = probe_overlay_upper(facts); !s) return s.error();
  }
  if (needs.ids || (needs.overlay_upper && !facts.tmpfs_takes_user_xattrs)) {
    Result<IdFacts> ids = probe_ids(facts.caller, std::move(account));
    if (!ids) return ids.error();
    facts.ids = std::move(*ids);
  }
  if (needs.cgroup_namespaces && facts.caller.uid == 0) {
    const Result<std::string> most = sys::read_proc("/proc/sys/user/max_cgroup_namespaces");
    facts.may_make_cgroup_namespaces = !most || *most != "0\n";
  }
  if (needs.cgroups) {
    facts.cgroups = probe_cgroups(Machine{.uid = facts.caller.uid}, needs.cgroup_parent);
  }
  if (needs.network) {
    Result<NetworkFacts> network = probe_network();
    if (!network) return network.error();
    facts.network = std::move(*network);
  }
  if (needs.landlock) {
    Result<std::optional<int>> abi = sys::landlock_abi();
    if (!abi) return abi.error();
    facts.landlock_abi = *abi;
  }
  if (needs.ladder) {
    Result<LadderFacts> ladder = probe_ladder();
    if (!ladder) return ladder.error();
    facts.ladder = std::move(*ladder);
  }
  if (needs.groups) {
    if (Status s = probe_groups(facts); !s) return s.error();
  }

  if (!needs.layer.empty()) {
    Result<std::vector<FileIdentity>> around = directories_around(needs.layer);
    if (!around) return around.error();
    facts.around_layer = std::move(*around);
  }

  if (Status s = probe_files(needs, facts); !s) return s.error();
  return facts;
}

}  // namespace kelp::host
