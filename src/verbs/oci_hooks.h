// SPDX-License-Identifier: Apache-2.0
// Hooks that are a command's own to run (config.md, "POSIX-platform Hooks"): those after the start and after
// the end. The others are part of a start.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "oci/state.h"
#include "spec/hooks.h"
#include "state/entry.h"
#include "state/record.h"

namespace kelp::verbs {

// The document that hooks and the specification know.
oci::State state_of(const state::Record& record, std::string status, pid_t pid);

// The hooks of the saved configuration. It is not read where it cannot have any of this kind.
Result<Hooks> saved_hooks(const state::Entry& entry, const state::Record& record, std::string_view kind);

// In their order; the first that fails is the error, and the others are not run.
Status run_hooks(const std::vector<Hook>& hooks, const oci::State& state);
// All of them; a sentence for each that fails.
std::vector<std::string> run_all_hooks(const std::vector<Hook>& hooks, const oci::State& state);

}  // namespace kelp::verbs
