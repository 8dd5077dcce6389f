// SPDX-License-Identifier: Apache-2.0
// Peak memory of the process that the user started, while its container runs: VmHWM of /proc/PID/status.
// (ru_maxrss of a wait would be the largest of it and of all its descendants.)
#pragma once

#include <string>
#include <vector>

#include "command.h"

namespace kelp::bench {

struct MemoryResult {
  std::string row;
  std::string name;
  std::string problem;
  double peak_mib = 0;  // median of a few starts
};

std::vector<MemoryResult> measure_memory(const MemoryRow& row, const Scene& scene, const Programs& programs);

}  // namespace kelp::bench
