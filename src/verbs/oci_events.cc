// SPDX-License-Identifier: Apache-2.0
// `kelp-oci events`: what the container's cgroup has used, in runc's form; and when the kernel killed in it
// for want of memory.
#include <nlohmann/json.hpp>
#include <poll.h>

#include "base/text.h"
#include "launch/cgroup_files.h"
#include "verbs/oci_place.h"
#include "verbs/oci_verbs.h"
#include "verbs/print.h"

namespace kelp::verbs {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kNsPerUs = 1000;
constexpr int kDefaultIntervalMs = 5000;

// The files of one cgroup; what a kernel or a controller lacks is 0, as in runc.
class Files {
 public:
  static Result<Files> open(const std::string& path) {
    Result<sys::UniqueFd> fd = launch::open_cgroup(path);
    if (!fd) return fd.error();
    return Files(path, std::move(*fd));
  }
  std::string text(const std::string& file) const {
    Result<std::string> text = launch::read_cgroup_file(fd_.get(), path_, file);
    return text ? std::move(*text) : std::string();
  }
  std::uint64_t number(const std::string& file) const { return launch::number_in(text(file)).value_or(0); }
  // "max" is the largest number there is.
  std::uint64_t limit(const std::string& file) const {
    const std::string shown = text(file);
    return shown.starts_with("max") ? UINT64_MAX : launch::number_in(shown).value_or(0);
  }

 private:
  Files(std::string path, sys::UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  std::string path_;
  sys::UniqueFd fd_;
};

std::uint64_t field(const std::string& text, std::string_view word) {
  return launch::field_in(text, word).value_or(0);
}

Json cpu_of(const Files& files) {
  const std::string stat = files.text("cpu.stat");
  return {{"usage",
           {{"total", field(stat, "usage_usec") * kNsPerUs},
            {"kernel", field(stat, "system_usec") * kNsPerUs},
            {"user", field(stat, "user_usec") * kNsPerUs}}},
          {"throttling",
           {{"periods", field(stat, "nr_periods")},
            {"throttledPeriods", field(stat, "nr_throttled")},
            {"throttledTime", field(stat, "throttled_usec") * kNsPerUs}}}};
}

Json memory_of(const Files& files) {
  const std::string stat = files.text("memory.stat");
  Json raw = Json::object();
  for (const std::string_view line : split(stat, '\n')) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) continue;
    raw[std::string(line.substr(0, space))] = launch::number_in(line.substr(space + 1)).value_or(0);
  }
  const std::uint64_t used = files.number("memory.current");
  Json usage = {{"limit", files.limit("memory.max")}, {"usage", used}, {"failcnt", 0}};
  if (const std::uint64_t peak = files.number("memory.peak"); peak != 0) usage["max"] = peak;
  // As in version 1, which runc's form is of: memory and swap together.
  const std::uint64_t swap_limit = files.limit("memory.swap.max");
  const std::uint64_t limit = files.limit("memory.max");
  const bool is_endless = swap_limit == UINT64_MAX || limit == UINT64_MAX;
  const Json swap = {{"limit", is_endless ? UINT64_MAX : swap_limit + limit},
                     {"usage", used + files.number("memory.swap.current")},
                     {"failcnt", 0}};
  return {{"cache", field(stat, "file")},
          {"usage", usage},
          {"swap", swap},
          {"kernel", {{"limit", 0}, {"failcnt", 0}}},
          {"kernelTCP", {{"limit", 0}, {"failcnt", 0}}},
          {"raw", raw}};
}

// "8:0 rbytes=1 wbytes=2 rios=3 …" → runc's two lists.
Json block_of(const Files& files) {
  Json bytes = Json::array();
  Json requests = Json::array();
  for (const std::string_view line : split(files.text("io.stat"), '\n')) {
    const std::vector<std::string_view> words = split(line, ' ');
    const std::vector<std::string_view> device = split(words.front(), ':');
    if (device.size() != 2) continue;
    const std::uint64_t major = read_decimal(device[0], UINT32_MAX).value_or(0);
    const std::uint64_t minor = read_decimal(device[1], UINT32_MAX).value_or(0);
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::size_t equals = words[i].find('=');
      if (equals == std::string_view::npos) continue;
      const std::string_view name = words[i].substr(0, equals);
      const std::uint64_t value = read_decimal(words[i].substr(equals + 1), UINT64_MAX).value_or(0);
      const auto row = [&](const char* what) {
        return Json({{"major", major}, {"minor", minor}, {"op", what}, {"value", value}});
      };
      if (name == "rbytes") bytes.push_back(row("Read"));
      if (name == "wbytes") bytes.push_back(row("Write"));
      if (name == "rios") requests.push_back(row("Read"));
      if (name == "wios") requests.push_back(row("Write"));
    }
  }
  return {{"ioServiceBytesRecursive", bytes}, {"ioServicedRecursive", requests}};
}

Json pids_of(const Files& files) {
  const std::uint64_t limit = files.limit("pids.max");
  Json pids = {{"current", files.number("pids.current")}};
  if (limit != UINT64_MAX) pids["limit"] = limit;
  return pids;
}

std::string event(const std::string& id, const char* type, const Json& data) {
  Json object = {{"type", type}, {"id", id}};
  if (!data.is_null()) object["data"] = data;
  return object.dump() + "\n";
}

std::string stats_event(const std::string& id, const Files& files) {
  return event(id, "stats",
               {{"cpu", cpu_of(files)},
                {"memory", memory_of(files)},
                {"pids", pids_of(files)},
                {"blkio", block_of(files)}});
}

std::uint64_t kills_in(const Files& files) { return field(files.text("memory.events"), "oom_kill"); }

// Go's form: "5s", "500ms", "1m"; a plain number is none.
std::optional<int> read_interval(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::uint64_t ms;
  };
  for (const Unit& unit : {Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000}, Unit{"h", 3'600'000}}) {
    if (!text.ends_with(unit.name)) continue;
    const std::optional<std::uint64_t> count =
        read_decimal(text.substr(0, text.size() - unit.name.size()), INT32_MAX / unit.ms);
    if (count && *count > 0) return static_cast<int>(*count * unit.ms);
  }
  return std::nullopt;
}

// Until the container ends.
Result<int> go_on(const Found& found, const Files& files, int interval_ms) {
  const Result<sys::UniqueFd> process = state::open_process(found.record.init);
  if (!process) return process.error();
  std::uint64_t kills = kills_in(files);
  while (process->valid()) {
    pollfd ended{.fd = process->get(), .events = POLLIN, .revents = 0};
    const bool has_ended = ::poll(&ended, 1, interval_ms) == 1;
    const std::uint64_t now = kills_in(files);
    if (now > kills) {
      if (const int failed = print_out(event(found.record.id, "oom", nullptr)); failed != 0) return failed;
    }
    kills = now;
    if (has_ended) break;
    if (const int failed = print_out(stats_event(found.record.id, files)); failed != 0) return failed;
  }
  return 0;
}

}  // namespace

Result<int> oci_events(const OciCall& call) {
  int interval_ms = kDefaultIntervalMs;
  if (call.arguments.interval) {
    const std::optional<int> given = read_interval(*call.arguments.interval);
    if (!given) return oci::refusal(cat("invalid interval ", shell_quoted(*call.arguments.interval)));
    interval_ms = *given;
  }
  const Result<Found> found = find_container(call.arguments);
  if (!found) return found.error();
  if (found->status == state::LifeStatus::kStopped) return not_running();
  if (found->record.cgroup.empty())
    return Error("tell what the container uses", "it has no cgroup of its own");
  const Result<Files> files = Files::open(found->record.cgroup);
  if (!files) return files.error();
  if (call.arguments.stats) return print_out(stats_event(found->record.id, *files));
  return go_on(*found, *files, interval_ms);
}

}  // namespace kelp::verbs
