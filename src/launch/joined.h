// SPDX-License-Identifier: Apache-2.0
// Namespaces that a container shares with others, by the files that stand for them.
// Runs in: parent.
#pragma once

#include <vector>

#include "base/result.h"
#include "plan/plan.h"
#include "sys/process.h"
#include "sys/unique_fd.h"

namespace kelp::launch {

// Opened, and proven to be namespaces of their kinds.
struct Joined {
  std::vector<sys::UniqueFd> fds;
  sys::JoinedNamespaces namespaces;
};
Result<Joined> open_joined(const plan::Plan& plan);

}  // namespace kelp::launch
