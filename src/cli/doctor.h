// SPDX-License-Identifier: Apache-2.0
// The command line of `kelp doctor`.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "cli/flags.h"

namespace kelp::cli {

struct DoctorRequest {
  bool json = false;
  bool help = false;
};

std::span<const FlagInfo> doctor_flags();
std::string doctor_help();
Result<DoctorRequest> read_doctor(std::span<const std::string> args);

}  // namespace kelp::cli
