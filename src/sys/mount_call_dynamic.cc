// SPDX-License-Identifier: Apache-2.0
// mount(2) by libmount; see mount_call.h.
// Runs in: child.
#include <libmount/libmount.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "sys/mount_call.h"

namespace kelp::sys {
namespace {

struct ContextDeleter {
  void operator()(libmnt_context* context) const noexcept { mnt_free_context(context); }
};
using Context = std::unique_ptr<libmnt_context, ContextDeleter>;

// Everything that libmount would look up by itself is switched off: the descriptors are final, there is no
// fstab, no mount.FSTYPE helper and no mtab for a container, and no LIBMOUNT_* of the caller may steer it.
Context make_context() {
  // Since 2.39 libmount attaches with move_mount(2) and does not follow the last link of the target, which
  // /proc/self/fd/N is. It reads this variable at every mount, and the newer of them only in a dumpable
  // process.
  if (::setenv("LIBMOUNT_FORCE_MOUNT2", "always", 1) != 0) return nullptr;
  Context context(mnt_new_context());
  if (context == nullptr) return context;
  // libmount takes a uid other than 0 for a user who may only mount what fstab lists; under keep-id we are
  // such a uid and still own the mount namespace.
  mnt_context_force_unrestricted(context.get());
  mnt_context_disable_canonicalize(context.get(), 1);
  mnt_context_disable_helpers(context.get(), 1);
  mnt_context_disable_mtab(context.get(), 1);
  return context;
}

// One for all mounts of the process: reset, it keeps what make_context() has switched off. Null: no memory.
libmnt_context* fresh_context() {
  static const Context context = make_context();
  if (context == nullptr) return nullptr;
  if (mnt_reset_context(context.get()) != 0) return nullptr;
  mnt_context_set_optsmode(context.get(), MNT_OMODE_NOTAB);
  return context.get();
}

// Mounts and turns libmount's several kinds of failure into an errno.
int run(libmnt_context* context) {
  errno = 0;
  const int result = mnt_context_mount(context);
  const int last = errno;
  if (result == 0) return 0;
  if (mnt_context_syscall_called(context) != 0) {
    const int code = mnt_context_get_syscall_errno(context);
    if (code != 0) return code;
  }
  // Some calls it tells by a number of its own (MNT_ERR_APPLYFLAGS for propagation, in 2.41).
  if (result <= -MNT_ERR_NOFSTAB) return last != 0 ? last : EIO;
  return result < 0 ? -result : EIO;
}

}  // namespace

int mount_call(const char* source, const char* target, const char* type, const char* options,
               unsigned long flags) {
  libmnt_context* context = fresh_context();
  if (context == nullptr || mnt_context_set_source(context, source) != 0 ||
      mnt_context_set_target(context, target) != 0 ||
      (type != nullptr && mnt_context_set_fstype(context, type) != 0) ||
      (options != nullptr && mnt_context_set_options(context, options) != 0) ||
      mnt_context_set_mflags(context, flags) != 0) {
    return ENOMEM;
  }
  return run(context);
}

}  // namespace kelp::sys
