// SPDX-License-Identifier: Apache-2.0
// mount(2) itself, for a kelp that is linked statically; see mount_call.h.
// Runs in: child.
#include <sys/mount.h>

#include <cerrno>

#include "sys/mount_call.h"

namespace kelp::sys {

int mount_call(const char* source, const char* target, const char* type, const char* options,
               unsigned long flags) {
  return ::mount(source, target, type, flags, options) == 0 ? 0 : errno;
}

}  // namespace kelp::sys
