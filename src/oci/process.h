// SPDX-License-Identifier: Apache-2.0
// The object `process` (config.md, "Process"), of config.json and of what `exec --process` is given. Inside
// oci/ only.
#pragma once

#include <string>
#include <vector>

#include "oci/config.h"
#include "oci/section.h"
#include "oci/surroundings.h"
#include "spec/process.h"

namespace kelp::oci {

Command command_of(const Section& process, const Surroundings& around, std::vector<std::string>& warnings);

// The parts of it.
void read_user(const Section& process, Command& command);
void read_capabilities(const Section& process, Command& command, std::vector<std::string>& warnings);
void read_limits(const Section& process, Command& command);
void read_scheduling(const Section& process, Command& command);
void read_process_labels(const Section& process, const Surroundings& around, Labels& labels);
// Of `exec` alone.
ExecAffinity read_exec_affinity(const Section& process);

// "CAP_KILL" as the specification spells it; nothing for what is no capability.
std::optional<CapabilityMask> capability_of(std::string_view name);

// What cannot be in force is taken out of the sets, with a warning: the kernel would refuse the whole.
void trim_capabilities(CapabilitySets& sets, CapabilityMask there, std::vector<std::string>& warnings);

}  // namespace kelp::oci
