// SPDX-License-Identifier: Apache-2.0
// One more process in a container; see exec.h.
#include "oci/exec.h"

#include <utility>

namespace kelp::oci {

Spec exec_spec(Config config, EnteredContainer entered) {
  Spec spec;
  spec.entered = std::move(entered);
  spec.command = std::move(config.spec.command);
  // The container's console is its first process's.
  spec.command.has_console = false;
  Scheduling& scheduling = spec.command.scheduling;
  scheduling.initial_cpus = std::move(config.exec_affinity.initial_cpus);
  scheduling.final_cpus = std::move(config.exec_affinity.final_cpus);
  scheduling.initial_cpus_origin = {"process.execCPUAffinity.initial"};
  scheduling.final_cpus_origin = {"process.execCPUAffinity.final"};
  spec.seccomp = std::move(config.spec.seccomp);
  spec.origins.directory = std::move(config.spec.origins.directory);
  spec.origins.umask = std::move(config.spec.origins.umask);
  spec.stays = config.spec.stays;
  return spec;
}

}  // namespace kelp::oci
