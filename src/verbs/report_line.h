// SPDX-License-Identifier: Apache-2.0
// The line that --report writes: how a start and its command went, for programs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "launch/wait.h"
#include "spec/ladder.h"
#include "verbs/print.h"

namespace kelp::verbs {

struct ReportLine {
  int fd = -1;                                 // -1: nobody asked
  const Error* error = nullptr;                // kelp's own failure
  const launch::Finished* finished = nullptr;  // or how the command ended
  std::uint64_t setup_us = 0;
  std::string proc;
  Rung rung = Rung::kFull;
  std::vector<std::string> not_enforced;
  std::optional<std::uint64_t> deadline_us;  // for whoever reads what kelp says
};

// Writes the line. Nobody reading is the reader's affair; else what could not be written is warned of.
void write_report_line(const ReportLine& line, LogFormat format);

}  // namespace kelp::verbs
