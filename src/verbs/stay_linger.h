// SPDX-License-Identifier: Apache-2.0
// Whether the end of the login session will end what runs in the background.
#pragma once

#include <string>

namespace kelp::verbs {

// With KillUserProcesses=yes (logind.conf(5)) systemd-logind kills all processes of a session that ends. Says
// so with the remedy, where that holds for us; empty: it does not.
std::string warning_of_logind();

}  // namespace kelp::verbs
