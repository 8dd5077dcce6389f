// SPDX-License-Identifier: Apache-2.0
// Budgets against what was measured.
#include <algorithm>

#include "lines.h"
#include "report.h"

namespace kelp::bench {
namespace {

std::optional<double> peak_of(const Results& results, std::string_view row, std::string_view name) {
  for (const MemoryResult& one : results.memory) {
    if (one.row == row && one.name == name && one.problem.empty()) return one.peak_mib;
  }
  return {};
}

}  // namespace

std::string Verdict::text() const {
  const std::string value =
      measured ? format("%.3g%s%s", *measured, unit.empty() ? "" : " ", unit.c_str()) : "not measured";
  return format("%-12s %-34s budget %-6.3g measured %-14s %s", row.c_str(), what.c_str(), budget,
                value.c_str(), is_met() ? "met" : "MISSED");
}

std::vector<Verdict> verdicts(const Results& results) {
  std::vector<Verdict> all;
  for (const RowResult& row : results.rows) {
    for (const Budget& budget : row.row.budgets) {
      all.push_back({row.row.name, "times " + budget.to, budget.max,
                     median_ratio(row.find("kelp"), row.find(budget.to)), ""});
    }
  }
  // Asked for, but without kelp: still a line, and a miss.
  for (const MemoryRow& row : memory_rows()) {
    if (std::ranges::none_of(results.memory, [&](const MemoryResult& one) { return one.row == row.name; }))
      continue;
    const std::optional<double> kelp = peak_of(results, row.name, "kelp");
    if (row.max_mib > 0) all.push_back({row.name, "peak of kelp's process", row.max_mib, kelp, "MiB"});
    if (row.most_of.empty()) continue;
    const std::optional<double> peer = peak_of(results, row.name, row.most_of);
    all.push_back({row.name, "peak of kelp's process, times " + row.most_of, 1,
                   kelp && peer ? std::optional(*kelp / *peer) : std::nullopt, ""});
  }
  for (const LinearResult& one : results.linear) {
    if (one.name != "kelp") continue;
    all.push_back({one.row, "calls a mount, 10,000 over 100", kMaxCallGrowth, call_growth(one), ""});
    all.push_back({one.row, "bytes a mount, 10,000 over 100", kMaxByteGrowth, byte_growth(one), ""});
  }
  return all;
}

}  // namespace kelp::bench
