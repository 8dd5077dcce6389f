// SPDX-License-Identifier: Apache-2.0
// NOTIFY_SOCKET (sd_notify(3)): what runs in a container tells the service manager outside that it is ready.
#pragma once

#include <sys/types.h>

#include "oci/config.h"

namespace kelp::verbs {

// The manager's socket appears inside, under a name that the command is told; nothing where there is none.
// One without a name in the file system is reached by whoever shares the network namespace, and is told as it
// is.
void share_notify_socket(oci::Config& config);

// Tells the manager which process is the service's. Nobody listening is no error.
void notify_main_process(pid_t pid);

}  // namespace kelp::verbs
