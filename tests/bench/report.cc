// SPDX-License-Identifier: Apache-2.0
// Numbers to text. One function a part of the report; nothing is measured here but the versions of programs.
#include "report.h"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "lines.h"

namespace kelp::bench {
namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string processors() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

}  // namespace

Words describe_machine(const Programs& programs) {
  utsname name = {};
  uname(&name);
  const std::string release = name.release;
  Words lines = {"Linux " + release.substr(0, release.find('-')) + ", " +
                 std::to_string(sysconf(_SC_NPROCESSORS_ONLN)) + " × " + processors()};
  double load = 0;
  if (getloadavg(&load, 1) == 1) lines.push_back(format("load average at the start: %.1f", load));
  lines.emplace_back(sched_getscheduler(0) == SCHED_OTHER ? "ordinary priority" : "real-time priority");
  for (const std::string_view program : {"kelp", "bwrap", "unshare", "crun", "runc", "podman"}) {
    const std::string path = programs.path_of(std::string(program));
    if (path.empty()) {
      lines.push_back(std::string(program) + ": not installed");
      continue;
    }
    const Answer answer = ask({.argv = {path, "--version"}, .environment = plain_environment()});
    lines.push_back(std::string(program) + ": " +
                    (answer.status == 0 ? first_line(answer.text) : "version unknown"));
  }
  return lines;
}

std::string table(const Results& results) {
  std::string text;
  for (const RowResult& row : results.rows) {
    text += format("\n%s: %s\n  %-14s %10s %8s %8s %8s %6s\n", row.row.name.c_str(), row.row.work.c_str(), "",
                   "median ms", "MAD", ("x " + row.row.references[0]).c_str(),
                   ("x " + row.row.references[1]).c_str(), "runs");
    for (const Line& line : lines_of(row)) {
      if (!line.problem.empty()) {
        text += format("  %-14s not measured: %s\n", line.name.c_str(), line.problem.c_str());
        continue;
      }
      text += format("  %-14s %10.2f %8.2f %8s %8s %6zu\n", line.name.c_str(), line.ms, line.deviation,
                     number_or_dash(line.ratios[0]).c_str(), number_or_dash(line.ratios[1], 3).c_str(),
                     line.runs);
    }
    if (const std::string share = share_text(row); !share.empty()) text += "  " + share + "\n";
  }
  if (!results.memory.empty()) text += "\nmemory: peak of the started process\n";
  for (const MemoryResult& one : results.memory) {
    text += format("  %-14s %-14s %s\n", one.row.c_str(), one.name.c_str(),
                   one.problem.empty() ? format("%.2f MiB", one.peak_mib).c_str() : one.problem.c_str());
  }
  if (!results.linear.empty()) text += "\nlinear: what one more mount costs\n";
  for (const LinearResult& one : results.linear) {
    if (!one.problem.empty())
      text +=
          format("  %-14s %-14s not counted: %s\n", one.row.c_str(), one.name.c_str(), one.problem.c_str());
    for (const LinearPoint& point : one.points) {
      text += format("  %-14s %-14s %6d binds %8.2f system calls %10s bytes allocated\n", one.row.c_str(),
                     one.name.c_str(), point.binds, point.calls_a_mount,
                     number_or_dash(point.bytes_a_mount, 0).c_str());
    }
  }
  return text;
}

}  // namespace kelp::bench
