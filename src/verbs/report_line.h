// SPDX-License-Identifier: Apache-2.0
// The line that --report writes: how a start and its command went, for programs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "launch/wait.h"

namespace kelp::verbs {

struct ReportLine {
  int fd = -1;                                 // -1: nobody asked
  const Error* error = nullptr;                // kelp's own failure
  const launch::Finished* finished = nullptr;  // or how the command ended
  std::uint64_t setup_us = 0;
  std::string proc;
  std::vector<std::string> not_enforced;
};

// Writes the line; a descriptor that takes nothing is the reader's affair.
void write_report_line(const ReportLine& line);

}  // namespace kelp::verbs
