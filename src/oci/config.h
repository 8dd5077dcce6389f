// SPDX-License-Identifier: Apache-2.0
// config.json of a bundle (OCI runtime specification, config.md and config-linux.md) as a Spec, and what the
// verbs of kelp-oci need besides.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "oci/surroundings.h"
#include "spec/spec.h"

namespace kelp::oci {

// The version of the specification that the documents of kelp-oci are in.
inline constexpr std::string_view kVersion = "1.3.0";

using Annotations = std::vector<std::pair<std::string, std::string>>;  // sorted by key

// process.execCPUAffinity: it is not for the container's first process.
struct ExecAffinity {
  CpuSet initial_cpus;
  CpuSet final_cpus;
  bool operator==(const ExecAffinity&) const = default;
};

struct Config {
  Spec spec;
  ExecAffinity exec_affinity;
  std::string version;  // ociVersion, as it is there
  Annotations annotations;
  // What could not be granted, and is no error: "process.capabilities.ambient: ...".
  std::vector<std::string> warnings;
  bool operator==(const Config&) const = default;
};

// Refuses with the JSON path what is of the wrong type or cannot be honoured; finds every problem. What is
// not known is ignored (config.md, "Extensibility").
Result<Config> read_config(std::string_view text, const Surroundings& around);

}  // namespace kelp::oci
