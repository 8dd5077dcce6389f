// SPDX-License-Identifier: Apache-2.0
// Is the cost linear in the number of mounts? Time cannot prove it on a noisy machine, counting can: system
// calls (strace) and bytes asked of the allocator (a preload), of all processes of a start, a mount.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "command.h"

namespace kelp::bench {

struct LinearPoint {
  int binds = 0;
  double calls_a_mount = 0;             // beyond what a start without binds needs
  std::optional<double> bytes_a_mount;  // nothing where it cannot be counted (a static program)
};

struct LinearResult {
  std::string row;
  std::string name;
  std::string problem;
  std::vector<LinearPoint> points;
};

std::vector<LinearResult> measure_linear(const LinearRow& row, const Scene& scene, const Programs& programs);

// The last point's cost a mount over the first's: 1 is linear.
std::optional<double> call_growth(const LinearResult& result);
std::optional<double> byte_growth(const LinearResult& result);

}  // namespace kelp::bench
