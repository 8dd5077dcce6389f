// SPDX-License-Identifier: Apache-2.0
// The line that --report writes; see report_line.h. kelp-run(1) has its form.
#include "verbs/report_line.h"

#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "launch/last_words.h"

namespace kelp::verbs {
namespace {

using Json = nlohmann::ordered_json;

std::uint64_t microseconds(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(time.tv_usec);
}

Json error_object(const Error& error) {
  Json object = {{"message", error.sentence()}, {"status", error.status()}};
  if (!error.hint().empty()) object["hint"] = printable(error.hint());
  return object;
}

Json or_null(const std::optional<std::uint64_t>& number) { return number ? Json(*number) : Json(nullptr); }

// What the whole container used; null: it had no cgroup of its own.
Json cgroup_object(const launch::Finished* finished) {
  if (finished == nullptr || !finished->cgroup) return nullptr;
  const launch::CgroupUsage& usage = *finished->cgroup;
  return {{"peak_bytes", or_null(usage.peak_bytes)},
          {"cpu_us", or_null(usage.cpu_us)},
          {"user_us", or_null(usage.user_us)},
          {"system_us", or_null(usage.system_us)},
          {"oom_kills", or_null(usage.oom_kills)}};
}

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

}  // namespace

void write_report_line(const ReportLine& line, LogFormat format) {
  if (line.fd < 0) return;
  Json object = {{"version", 1}, {"exit", nullptr}, {"signal", nullptr}, {"error", nullptr}};
  if (line.error != nullptr) object["error"] = error_object(*line.error);
  rusage usage{};
  std::uint64_t wall_us = 0;
  if (line.finished != nullptr) {
    const int status = line.finished->wait_status;
    if (WIFSIGNALED(status)) {
      const char* name = sigabbrev_np(WTERMSIG(status));
      object["signal"] = name != nullptr ? std::string(name) : std::to_string(WTERMSIG(status));
    } else {
      object["exit"] = WEXITSTATUS(status);
    }
    if (line.finished->timed_out) object["timed_out"] = true;
    usage = line.finished->usage;
    wall_us = line.finished->wall_us;
  }
  object["wall_us"] = wall_us;
  object["user_us"] = microseconds(usage.ru_utime);
  object["system_us"] = microseconds(usage.ru_stime);
  object["setup_us"] = line.setup_us;
  object["peak_bytes"] = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  object["cgroup"] = cgroup_object(line.finished);
  object["proc"] = or_null(line.proc);
  object["rung"] = line.error != nullptr ? Json(nullptr) : Json(rung_name(line.rung));
  object["not_enforced"] = line.not_enforced;
  const Status written =
      launch::write_last_words(line.fd, object.dump() + "\n", "the report", line.deadline_us);
  // One that is closed or read-only has been refused.
  if (written || written.error().code() == EBADF) return;
  print_warning(written.error().sentence(), format, line.deadline_us);
}

}  // namespace kelp::verbs
