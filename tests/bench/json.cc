// SPDX-License-Identifier: Apache-2.0
// The results as JSON: {"version":1,"machine":[],"rows":[],"memory":[],"linear":[],"checks":[]}. What was not
// measured is null.
#include <cmath>

#include "lines.h"
#include "report.h"

namespace kelp::bench {
namespace {

std::string json_string(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      quoted += format("\\u%04x", static_cast<unsigned>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string json_number(const std::optional<double>& value) {
  return value && !std::isnan(*value) ? format("%.6g", *value) : "null";
}

std::string json_problem(const std::string& problem) {
  return problem.empty() ? "null" : json_string(problem);
}

template <typename Items, typename Write>
std::string json_list(const Items& items, Write write) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "\n" : ",\n") + write(item);
  return "[" + text + "]";
}

std::string json_row(const RowResult& row) {
  const auto write = [&row](const Line& line) {
    std::string ratios;
    for (std::size_t i = 0; i < line.ratios.size(); ++i)
      ratios +=
          (i == 0 ? "" : ", ") + json_string(row.row.references[i]) + ": " + json_number(line.ratios[i]);
    return "   {\"name\": " + json_string(line.name) + ", \"problem\": " + json_problem(line.problem) +
           ", \"runs\": " + std::to_string(line.runs) + ", \"median_ms\": " + json_number(line.ms) +
           ", \"mad_ms\": " + json_number(line.deviation) + ", \"ratios\": {" + ratios + "}}";
  };
  return "  {\"name\": " + json_string(row.row.name) + ", \"work\": " + json_string(row.row.work) +
         ", \"binds\": " + std::to_string(row.row.binds) + ", \"rounds\": " + std::to_string(row.rounds) +
         ", \"contenders\": " + json_list(lines_of(row), write) + "}";
}

std::string json_memory(const MemoryResult& one) {
  return "  {\"row\": " + json_string(one.row) + ", \"name\": " + json_string(one.name) +
         ", \"problem\": " + json_problem(one.problem) +
         ", \"peak_mib\": " + (one.problem.empty() ? json_number(one.peak_mib) : "null") + "}";
}

std::string json_linear(const LinearResult& one) {
  const auto write = [](const LinearPoint& point) {
    return "   {\"binds\": " + std::to_string(point.binds) +
           ", \"calls_a_mount\": " + json_number(point.calls_a_mount) +
           ", \"bytes_a_mount\": " + json_number(point.bytes_a_mount) + "}";
  };
  return "  {\"row\": " + json_string(one.row) + ", \"name\": " + json_string(one.name) +
         ", \"problem\": " + json_problem(one.problem) + ", \"points\": " + json_list(one.points, write) +
         "}";
}

std::string json_verdict(const Verdict& one) {
  return "  {\"row\": " + json_string(one.row) + ", \"what\": " + json_string(one.what) +
         ", \"budget\": " + json_number(one.budget) + ", \"measured\": " + json_number(one.measured) +
         ", \"unit\": " + json_string(one.unit) + ", \"met\": " + (one.is_met() ? "true" : "false") + "}";
}

}  // namespace

std::string json(const Results& results) {
  return "{\"version\": 1,\n \"machine\": " +
         json_list(results.machine, [](const std::string& line) { return "  " + json_string(line); }) +
         ",\n \"rows\": " + json_list(results.rows, json_row) +
         ",\n \"memory\": " + json_list(results.memory, json_memory) +
         ",\n \"linear\": " + json_list(results.linear, json_linear) +
         ",\n \"checks\": " + json_list(verdicts(results), json_verdict) + "}\n";
}

}  // namespace kelp::bench
