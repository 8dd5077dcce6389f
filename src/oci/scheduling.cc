// SPDX-License-Identifier: Apache-2.0
// What process says of the kernel's schedulers and of the out-of-memory killer.
#include "oci/process.h"

namespace kelp::oci {

void read_scheduling(const Section& process, Command& command) {
  if (const auto score = process.integer("oomScoreAdj", -1000, 1000)) {
    command.scheduling.oom_score_adj = static_cast<int>(*score);
    command.scheduling.oom_origin = {process.path_of("oomScoreAdj")};
  }
}

}  // namespace kelp::oci
