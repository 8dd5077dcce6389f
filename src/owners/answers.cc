// SPDX-License-Identifier: Apache-2.0
// What a call is answered, by its kind; see answers.h.
// Runs in: child (the supervisor).
#include "owners/answers.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

namespace kelp::owners {
namespace {

constexpr Answer kGoOn = {.goes_on = true};
constexpr Answer kSuccess = {};
constexpr int kKnownFlags = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_SYNC_TYPE;

// What the file is, and what is kept of it: all that stat shows, at least.
struct Look {
  struct stat truth{};
  Kept shown;
  bool is_kept = false;
};

std::optional<Look> look_at(int fd, Memory& memory) {
  Look look;
  if (::fstat(fd, &look.truth) != 0) return std::nullopt;
  const std::optional<Kept> kept = memory.of(fd);
  look.is_kept = kept.has_value();
  look.shown = kept.value_or(Kept{
      .user = look.truth.st_uid, .group = look.truth.st_gid, .permissions = look.truth.st_mode & 07777U});
  if (look.shown.type == 0) look.shown.type = look.truth.st_mode & S_IFMT;
  return look;
}

Answer show_stat(const Caller& caller, const Call& call, Memory& memory) {
  if ((call.flags & ~kKnownFlags) != 0) return kGoOn;
  const Found file = find(caller, call);
  if (file.error != 0) return kGoOn;
  const std::optional<Kept> kept = memory.of(file.fd.get());
  if (!kept) return kGoOn;
  if (call.kind == Call::Kind::kStat) {
    struct stat info{};
    if (::fstat(file.fd.get(), &info) != 0) return kGoOn;
    show(*kept, info);
    return {.error = put(caller, call.buffer, &info, sizeof info)};
  }
  struct statx info{};
  const int flags = AT_EMPTY_PATH | (call.flags & AT_STATX_SYNC_TYPE);
  if (::statx(file.fd.get(), "", flags, call.fields, &info) != 0) return kGoOn;
  show(*kept, info);
  return {.error = put(caller, call.buffer, &info, sizeof info)};
}

// The mode that a change of owner leaves (chown(2)): no setuid program becomes another's.
mode_t without_set_ids(mode_t permissions, mode_t truth) {
  if (S_ISDIR(truth)) return permissions;
  permissions &= ~static_cast<mode_t>(S_ISUID);
  if ((permissions & S_IXGRP) != 0) permissions &= ~static_cast<mode_t>(S_ISGID);
  return permissions;
}

// Truly, through what the descriptor leads to; gives errno.
int change_mode(int fd, mode_t permissions) {
  return ::fchmodat(AT_FDCWD, own_path(fd).c_str(), permissions, 0) == 0 ? 0 : errno;
}

Answer change_owner(const Caller& caller, const Call& call, Memory& memory) {
  if ((call.flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) return {.error = EINVAL};
  const Found file = find(caller, call);
  // As in the simple mode, where nobody can look: through a link of proc, for one.
  if (file.is_hidden || file.error == ELOOP) return kSuccess;
  if (file.error != 0) return {.error = file.error};
  std::optional<Look> look = look_at(file.fd.get(), memory);
  if (!look) return {.error = errno};
  Kept& shown = look->shown;
  if (call.user != static_cast<uid_t>(-1)) shown.user = call.user;
  if (call.group != static_cast<gid_t>(-1)) shown.group = call.group;
  const mode_t left = without_set_ids(shown.permissions, look->truth.st_mode);
  if (left != shown.permissions && S_ISREG(look->truth.st_mode)) {
    if (const int error = change_mode(file.fd.get(), left); error == 0) look->truth.st_mode = left | S_IFREG;
    shown.permissions = left;
  }
  return {.error = memory.keep(file.fd.get(), look->truth, shown)};
}

Answer change_permissions(const Caller& caller, const Call& call, Memory& memory) {
  if ((call.flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) return kGoOn;
  const Found file = find(caller, call);
  if (file.error != 0) return kGoOn;
  std::optional<Look> look = look_at(file.fd.get(), memory);
  if (!look || !look->is_kept || S_ISLNK(look->truth.st_mode)) return kGoOn;
  look->shown.permissions = call.mode & 07777U;
  if (const int error = change_mode(file.fd.get(), look->shown.permissions); error != 0)
    return {.error = error};
  look->truth.st_mode = look->shown.permissions | (look->truth.st_mode & S_IFMT);
  return {.error = memory.keep(file.fd.get(), look->truth, look->shown)};
}

// An empty file, which stat shows as the device.
Answer make_device(const Caller& caller, const Call& call, Memory& memory) {
  const Place place = find_place(caller, call);
  if (place.directory.is_hidden) return kSuccess;
  if (place.directory.error != 0) return {.error = place.directory.error};
  if (place.name.empty()) return {.error = EEXIST};
  const mode_t permissions = call.mode & 07777U & ~umask_of(caller);
  const int directory = place.directory.fd.get();
  const sys::UniqueFd file(::openat(directory, place.name.c_str(),
                                    O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, permissions));
  struct stat truth{};
  if (!file.valid() || ::fstat(file.get(), &truth) != 0) return {.error = errno};
  const int error = memory.keep(file.get(), truth,
                                {.user = truth.st_uid,
                                 .group = truth.st_gid,
                                 .permissions = permissions,
                                 .type = call.mode & S_IFMT,
                                 .major = major(dev_t{call.device}),
                                 .minor = minor(dev_t{call.device})});
  if (error != 0) ::unlinkat(directory, place.name.c_str(), 0);
  return {.error = error};
}

}  // namespace

Answer answer(const Caller& caller, const Call& call, Memory& memory) {
  switch (call.kind) {
    case Call::Kind::kStat:
    case Call::Kind::kStatx: return show_stat(caller, call, memory);
    case Call::Kind::kChown: return change_owner(caller, call, memory);
    case Call::Kind::kChmod: return change_permissions(caller, call, memory);
    case Call::Kind::kMakeDevice: return make_device(caller, call, memory);
  }
  return kGoOn;
}

}  // namespace kelp::owners
