// SPDX-License-Identifier: Apache-2.0
// The results as RESULTS.md.
#include "lines.h"
#include "report.h"

namespace kelp::bench {
namespace {

std::string markdown_rows(const Results& results) {
  std::string text;
  const Row* before = nullptr;
  for (const RowResult& row : results.rows) {
    // Rows with other references are a table of their own.
    if (before == nullptr || before->references != row.row.references) {
      text += format(
          "%s| row | contender | median ms | ± MAD | × %s | × %s | runs "
          "|\n|---|---|---:|---:|---:|---:|---:|\n",
          text.empty() ? "" : "\n", row.row.references[0].c_str(), row.row.references[1].c_str());
    }
    before = &row.row;
    for (const Line& line : lines_of(row)) {
      if (!line.problem.empty()) {
        text += format("| %s | %s | not measured: %s | | | | |\n", row.row.name.c_str(), line.name.c_str(),
                       line.problem.c_str());
        continue;
      }
      text += format("| %s | %s | %.2f | %.2f | %s | %s | %zu |\n", row.row.name.c_str(), line.name.c_str(),
                     line.ms, line.deviation, number_or_dash(line.ratios[0]).c_str(),
                     number_or_dash(line.ratios[1], 3).c_str(), line.runs);
    }
  }
  for (const RowResult& row : results.rows) {
    if (const std::string share = share_text(row); !share.empty())
      text += "\nOf row `" + row.row.name + "`, " + share + ".\n";
  }
  return text;
}

std::string markdown_counts(const Results& results) {
  std::string text;
  if (!results.memory.empty()) text += "\n| row | peak memory of | MiB |\n|---|---|---:|\n";
  for (const MemoryResult& one : results.memory) {
    text += "| " + one.row + " | " + one.name + " | " +
            (one.problem.empty() ? format("%.2f", one.peak_mib) : one.problem) + " |\n";
  }
  if (!results.linear.empty())
    text +=
        "\n| row | contender | binds | system calls a mount | bytes allocated a mount |\n"
        "|---|---|---:|---:|---:|\n";
  for (const LinearResult& one : results.linear) {
    const std::string begin = "| " + one.row + " | " + one.name;
    if (!one.problem.empty()) text += begin + " | not counted: " + one.problem + " | | |\n";
    for (const LinearPoint& point : one.points) {
      text += format("%s | %d | %.2f | %s |\n", begin.c_str(), point.binds, point.calls_a_mount,
                     number_or_dash(point.bytes_a_mount, 0).c_str());
    }
  }
  return text;
}

}  // namespace

std::string markdown(const Results& results) {
  std::string text =
      "# Results\n\nWritten by `kelp-bench --markdown FILE`; how it is measured is told in README.md. Ratios "
      "are medians of ratios\n"
      "within one round, so they need not equal the quotient of the medians. MAD is the median absolute "
      "deviation.\n\n";
  for (const std::string& line : results.machine) text += "- " + line + "\n";
  text += "\n";
  text += markdown_rows(results);
  text += markdown_counts(results);
  const std::vector<Verdict> all = verdicts(results);
  if (all.empty()) return text;
  text += "\n| budget | of kelp | at most | measured | |\n|---|---|---:|---:|---|\n";
  for (const Verdict& one : all) {
    text += format("| %s | %s | %.3g | %s | %s |\n", one.row.c_str(), one.what.c_str(), one.budget,
                   one.measured ? format("%.3g", *one.measured).c_str() : "-",
                   !one.measured  ? "not measured"
                   : one.is_met() ? "met"
                                  : "missed");
  }
  return text;
}

}  // namespace kelp::bench
