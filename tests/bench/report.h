// SPDX-License-Identifier: Apache-2.0
// What was measured, in four shapes: the table for people, the verdicts of --check, JSON for programs,
// Markdown for RESULTS.md.
#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "linear.h"
#include "memory.h"
#include "rounds.h"

namespace kelp::bench {

struct Results {
  Words machine;  // lines about the machine and the programs
  std::vector<RowResult> rows;
  std::vector<MemoryResult> memory;
  std::vector<LinearResult> linear;
};

struct Verdict {
  std::string row;
  std::string what;
  double budget = 0;
  std::optional<double> measured;  // nothing: not measured, which is a miss
  std::string unit;

  bool is_met() const { return measured && *measured <= budget; }
  std::string text() const;
};

// One a budget of the rows that were asked for.
std::vector<Verdict> verdicts(const Results& results);

// Kernel, processors, and the version of each program that takes part.
Words describe_machine(const Programs& programs);

std::string table(const Results& results);
std::string json(const Results& results);
std::string markdown(const Results& results);

}  // namespace kelp::bench
