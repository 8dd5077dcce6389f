// SPDX-License-Identifier: Apache-2.0
// Budgets against what was measured.
#include "lines.h"
#include "report.h"

namespace kelp::bench {

std::string Verdict::text() const {
  const std::string value =
      measured ? format("%.3g%s%s", *measured, unit.empty() ? "" : " ", unit.c_str()) : "not measured";
  return format("%-12s %-34s budget %-6.3g measured %-14s %s", row.c_str(), what.c_str(), budget,
                value.c_str(), is_met() ? "met" : "MISSED");
}

std::vector<Verdict> verdicts(const Results& results) {
  std::vector<Verdict> all;
  for (const RowResult& row : results.rows) {
    const Measured* kelp = row.find("kelp");
    if (row.row.max_of_floor) {
      all.push_back({row.row.name, "times the floor", *row.row.max_of_floor,
                     median_ratio(kelp, row.find("floor")), ""});
    }
    if (row.row.max_of_bwrap) {
      all.push_back({row.row.name, "times bubblewrap", *row.row.max_of_bwrap,
                     median_ratio(kelp, row.find("bwrap")), ""});
    }
  }
  // Asked for, but without kelp: still a line, and a miss.
  if (!results.memory.empty()) {
    Verdict memory = {"memory", "peak of kelp's process", kMaxMemoryMiB, {}, "MiB"};
    for (const MemoryResult& one : results.memory) {
      if (one.name == "kelp" && one.problem.empty()) memory.measured = one.peak_mib;
    }
    all.push_back(memory);
  }
  if (!results.linear.empty()) {
    Verdict calls = {"linear", "calls a mount, 10,000 over 100", kMaxCallGrowth, {}, ""};
    Verdict bytes = {"linear", "bytes a mount, 10,000 over 100", kMaxByteGrowth, {}, ""};
    for (const LinearResult& one : results.linear) {
      if (one.name == "kelp") calls.measured = call_growth(one), bytes.measured = byte_growth(one);
    }
    all.push_back(calls);
    all.push_back(bytes);
  }
  return all;
}

}  // namespace kelp::bench
