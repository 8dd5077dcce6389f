// SPDX-License-Identifier: Apache-2.0
// The one call that mounts.h makes for propagation, binds and file systems: libmount's mount, with all that
// it would look up by itself switched off. A kelp that is linked statically (KELP_STATIC) calls mount(2)
// itself, as hardly a distribution has a static libmount. Runs in: child.
#pragma once

namespace kelp::sys {

// The arguments of mount(2): `type` and `options` may be null, `options` are the file system's own. 0 or an
// errno.
int mount_call(const char* source, const char* target, const char* type, const char* options,
               unsigned long flags);

}  // namespace kelp::sys
