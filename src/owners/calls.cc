// SPDX-License-Identifier: Apache-2.0
// Numbers and arguments → Call; see calls.h.
#include "owners/calls.h"

#include <sys/syscall.h>

namespace kelp::owners {
namespace {

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

constexpr std::uint32_t kX32 = 0x40000000;  // the bit of x86's interface of that name

Call at(Call::Kind kind, std::uint64_t directory, std::uint64_t path, int flags = 0) {
  return {.kind = kind,
          .directory_fd = static_cast<int>(directory),
          .path = path,
          .follows = (flags & AT_SYMLINK_NOFOLLOW) == 0,
          .empty_is_itself = (flags & AT_EMPTY_PATH) != 0,
          .flags = flags};
}
#ifdef SYS_stat
Call at_path(Call::Kind kind, std::uint64_t path, int flags = 0) {
  return at(kind, static_cast<std::uint64_t>(AT_FDCWD), path, flags);
}
#endif
Call of_descriptor(Call::Kind kind, std::uint64_t fd) {
  return {.kind = kind, .directory_fd = static_cast<int>(fd), .is_descriptor = true};
}

Call showing(Call call, std::uint64_t buffer) {
  call.buffer = buffer;
  return call;
}
Call giving(Call call, std::uint64_t user, std::uint64_t group) {
  call.user = static_cast<uid_t>(user);
  call.group = static_cast<gid_t>(group);
  return call;
}
Call with_mode(Call call, std::uint64_t mode, std::uint64_t device = 0) {
  call.mode = static_cast<mode_t>(mode);
  call.device = static_cast<std::uint32_t>(device);
  return call;
}
Call statx_of(const std::uint64_t (&args)[6]) {
  Call call = showing(at(Call::Kind::kStatx, args[0], args[1], static_cast<int>(args[2])), args[4]);
  call.fields = static_cast<unsigned>(args[3]);
  return call;
}

}  // namespace

std::optional<Call> read_call(const seccomp_data& data) {
  using enum Call::Kind;
  std::uint64_t args[6];
  for (int i = 0; i < 6; ++i) args[i] = data.args[i];
  switch (static_cast<std::uint32_t>(data.nr) & ~kX32) {
#ifdef SYS_stat
    case SYS_stat: return showing(at_path(kStat, args[0]), args[1]);
    case SYS_lstat: return showing(at_path(kStat, args[0], AT_SYMLINK_NOFOLLOW), args[1]);
    case SYS_chown: return giving(at_path(kChown, args[0]), args[1], args[2]);
    case SYS_lchown: return giving(at_path(kChown, args[0], AT_SYMLINK_NOFOLLOW), args[1], args[2]);
    case SYS_chmod: return with_mode(at_path(kChmod, args[0]), args[1]);
    case SYS_mknod: return with_mode(at_path(kMakeDevice, args[0]), args[1], args[2]);
#endif
    case SYS_fstat: return showing(of_descriptor(kStat, args[0]), args[1]);
    case SYS_newfstatat: return showing(at(kStat, args[0], args[1], static_cast<int>(args[3])), args[2]);
    case SYS_statx: return statx_of(args);
    case SYS_fchown: return giving(of_descriptor(kChown, args[0]), args[1], args[2]);
    case SYS_fchownat:
      return giving(at(kChown, args[0], args[1], static_cast<int>(args[4])), args[2], args[3]);
    case SYS_fchmod: return with_mode(of_descriptor(kChmod, args[0]), args[1]);
    case SYS_fchmodat: return with_mode(at(kChmod, args[0], args[1]), args[2]);
    case SYS_fchmodat2: return with_mode(at(kChmod, args[0], args[1], static_cast<int>(args[3])), args[2]);
    case SYS_mknodat: return with_mode(at(kMakeDevice, args[0], args[1]), args[2], args[3]);
    default: return std::nullopt;
  }
}

}  // namespace kelp::owners
