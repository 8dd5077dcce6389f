// SPDX-License-Identifier: Apache-2.0
// The command lines of the verbs about containers that stay: ps, logs, stop, kill, wait, inspect, rm.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/flags.h"

namespace kelp::cli {

enum class StayVerb { kPs, kLogs, kStop, kKill, kWait, kInspect, kRm };

struct StayRequest {
  std::vector<std::string> names;  // of containers; none for ps
  bool follow = false;             // logs
  bool force = false;              // rm
  bool quiet = false;              // ps: names only
  bool json = false;               // ps
  std::uint64_t seconds = 10;      // stop: from TERM to KILL
  std::string signal = "KILL";     // kill: as it was typed
  bool help = false;               // then nothing else is filled
};

std::span<const FlagInfo> stay_flags(StayVerb verb);
std::string stay_help(StayVerb verb);
Result<StayRequest> read_stay(StayVerb verb, std::span<const std::string> args);

}  // namespace kelp::cli
