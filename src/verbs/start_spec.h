// SPDX-License-Identifier: Apache-2.0
// From a Spec to an exit status: the one way in which any verb starts a container.
#pragma once

#include <functional>

#include "launch/start.h"
#include "launch/wait.h"
#include "plan/plan.h"
#include "spec/spec.h"
#include "verbs/print.h"

namespace kelp::verbs {

struct StartOptions {
  bool explain = false;  // the plan on stderr, then start
  bool dry_run = false;  // the plan on stdout, no start
  bool json = false;     // the plan as JSON
  LogFormat log_format = LogFormat::kText;
  launch::AtBirth at_birth = {};  // start.h of launch
  // Called around the start itself: the container's 0, 1 and 2 are other ones than kelp speaks to.
  std::function<void()> take_streams = {}, give_back_streams = {};
  // The command runs; an error ends it.
  std::function<Status(const plan::Plan&, const launch::Running&)> began = {};
  std::function<void(const launch::Finished&)> over = {};
  std::function<launch::Words(int)> ended = {};  // what is written of the command's exit status
  // Adds what only the verb knows of a failure: hints in its own flags.
  std::function<Error(Error)> add_hints = {};
  // Says why not, instead of kelp's own words, and gives the exit status. Warnings are then not printed.
  std::function<int(const Error&)> refuse = {};
};

// Checks, probes and plans. Warnings of the profiles' compiler are the plan's.
Result<plan::Plan> make_plan(Spec spec);

// Checks, probes, plans, starts and waits; prints what failed. The result is kelp's exit status.
int start_spec(Spec spec, const StartOptions& options);

}  // namespace kelp::verbs
