// SPDX-License-Identifier: Apache-2.0
// From a Spec to an exit status: the one way in which any verb starts a container.
#pragma once

#include "spec/spec.h"
#include "verbs/print.h"

namespace kelp::verbs {

struct StartOptions {
  bool explain = false;  // the plan on stderr, then start
  bool dry_run = false;  // the plan on stdout, no start
  bool json = false;     // the plan as JSON
  LogFormat log_format = LogFormat::kText;
};

// Checks, probes, plans, starts and waits; prints what failed. The result is kelp's exit status.
int start_spec(Spec spec, const StartOptions& options);

}  // namespace kelp::verbs
