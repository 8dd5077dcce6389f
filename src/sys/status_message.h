// SPDX-License-Identifier: Apache-2.0
// What the container's side tells kelp over the status socket, one message a packet. Plain numbers:
// helpers/init, which has no library, sends them too. Runs in: both.
#pragma once

#include <cstdint>

namespace kelp::sys {

enum class StatusKind : std::int32_t {
  kTerminal,  // the pty's master comes along as a descriptor
  kStopped,   // the command was stopped by the signal `value`
  kEnded,     // the command ended; `value` is its wait status
};
struct StatusMessage {
  StatusKind kind = StatusKind::kEnded;
  std::int32_t value = 0;
};

}  // namespace kelp::sys
