// SPDX-License-Identifier: Apache-2.0
// Time for measuring, in microseconds.
// Runs in: parent.
#pragma once

#include <cstdint>
#include <ctime>

namespace kelp::launch {

inline std::uint64_t now_us() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1000;
}

}  // namespace kelp::launch
