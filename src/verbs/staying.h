// SPDX-License-Identifier: Apache-2.0
// One container that stays, as a verb finds it, and its end.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "state/entry.h"
#include "state/life.h"
#include "state/record.h"
#include "state/store.h"

namespace kelp::verbs {

enum class StayStatus {
  kStarting,
  kRunning,
  kExited,
  kLost,  // the kelp that held it was killed, and it with that; nobody knows how it ended
};
std::string_view name_of(StayStatus status);

struct Staying {
  state::Entry entry;
  state::Record record;
  StayStatus status = StayStatus::kLost;

  const state::Kept& kept() const { return *record.kept; }
};

// Of this run of the machine (random(4), "boot_id").
std::string boot_id();

// The number of the pid namespace that kelp is in.
std::uint64_t own_pid_namespace();

// Nothing: there is none of this name (any more).
Result<std::optional<Staying>> look_at(const state::Store& store, const std::string& name);

// The same, for who needs it. `action` is "stop" of "cannot stop NAME: ...".
Result<Staying> find_staying(const state::Store& store, std::string_view action, const std::string& name);

// Its first process, or the kelp that holds it. Invalid: it has ended.
Result<sys::UniqueFd> open_init(const Staying& container);
Result<sys::UniqueFd> open_monitor(const Staying& container);

// Waits for the end and reads it anew; where it has not ended after that many milliseconds (-1: for ever) it
// is still running. What its status is stays readable meanwhile, with --rm too.
Result<Staying> await_end(Staying container, int milliseconds);

}  // namespace kelp::verbs
