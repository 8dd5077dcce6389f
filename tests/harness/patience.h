// SPDX-License-Identifier: Apache-2.0
// How long things may take here. An emulated machine is ten times as slow as an ordinary one, or more: all
// that a test waits for is measured by $KELP_TEST_SLOWNESS, which the runner sets there.
#pragma once

#include <chrono>
#include <cstdlib>
#include <string>

namespace kelp::harness {

using std::chrono::milliseconds;

/// 1 on an ordinary machine.
inline int slowness() {
  static const char* const text = std::getenv("KELP_TEST_SLOWNESS");
  static const int times = text == nullptr ? 1 : std::atoi(text);
  return times < 1 ? 1 : times;
}

/// What takes that long on an ordinary machine, with all reserves.
inline milliseconds patiently(milliseconds ordinary) { return ordinary * slowness(); }

/// Tries of a race: where each takes long, a quarter of them has to do.
inline int tries(int ordinary) { return slowness() < 4 ? ordinary : ordinary / 4; }

/// "--timeout=600ms", and longer where all takes longer.
inline std::string timeout_of(milliseconds ordinary) {
  return "--timeout=" + std::to_string(patiently(ordinary).count()) + "ms";
}

}  // namespace kelp::harness
