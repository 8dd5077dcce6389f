// SPDX-License-Identifier: Apache-2.0
// `kelp ps`, `inspect` and `logs`: what is known of containers that stay, and what they have written.
#include <nlohmann/json.hpp>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/process.h"
#include "verbs/print.h"
#include "verbs/stay_each.h"
#include "verbs/stay_verbs.h"
#include "verbs/staying.h"
#include "verbs/user_store.h"

namespace kelp::verbs {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFollowMs = 50;  // how long what is written may wait for a reader of its log

Result<std::vector<Staying>> all_of(const state::Store& store) {
  const Result<std::vector<std::string>> names = store.names();
  if (!names) return names.error();
  std::vector<Staying> all;
  for (const std::string& name : *names) {
    Result<std::optional<Staying>> one = look_at(store, name);
    if (!one) return one.error();
    if (*one) all.push_back(std::move(**one));
  }
  return all;
}

Json number_or_null(bool is_there, std::int64_t number) { return is_there ? Json(number) : Json(nullptr); }

Json json_of(const Staying& container) {
  const state::Kept& kept = container.kept();
  const bool lives = container.status == StayStatus::kRunning;
  const bool has_ended = kept.end.has_value();
  return {{"name", container.entry.id()},
          {"status", name_of(container.status)},
          {"pid", number_or_null(lives, container.record.init.pid)},
          {"monitor", number_or_null(lives, kept.monitor.pid)},
          {"exit", number_or_null(has_ended, has_ended ? kept.end->status : 0)},
          {"signal", number_or_null(has_ended && kept.end->signal != 0, has_ended ? kept.end->signal : 0)},
          {"created", container.record.created},
          {"finished", has_ended ? Json(kept.end->finished) : Json(nullptr)},
          {"root", kept.root},
          {"command", kept.command},
          {"cgroup", container.record.cgroup.empty() ? Json(nullptr) : Json(container.record.cgroup)},
          {"rm", kept.removes_itself}};
}

std::string text_of(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string status_text(const Staying& container) {
  const auto& end = container.kept().end;
  return end ? cat("exited (", end->status, ")") : std::string(name_of(container.status));
}

using Line = std::array<std::string, 5>;

Line line_of(const Staying& container) {
  const state::Kept& kept = container.kept();
  std::string command = kept.command.empty() ? "(its shell)" : "";
  for (const std::string& word : kept.command) command += cat(command.empty() ? "" : " ", shell_quoted(word));
  const bool lives = container.status == StayStatus::kRunning;
  return {container.entry.id(), status_text(container),
          lives ? std::to_string(container.record.init.pid) : "-", printable(kept.root), std::move(command)};
}

std::string table_of(const std::vector<Staying>& all) {
  std::vector<Line> lines = {{"NAME", "STATUS", "PID", "ROOT", "COMMAND"}};
  for (const Staying& container : all) lines.push_back(line_of(container));
  std::string out;
  for (const Line& line : lines) {
    for (std::size_t column = 0; column + 1 < line.size(); ++column) {
      std::size_t width = 0;
      for (const Line& other : lines) width = std::max(width, other.at(column).size());
      out += cat(line.at(column), std::string(width - line.at(column).size() + 2, ' '));
    }
    out += cat(line.back(), "\n");
  }
  return out;
}

Result<int> list(const cli::StayRequest& request) {
  const Result<state::Store> store = open_user_store(kOfRun);
  if (!store) return store.error();
  const Result<std::vector<Staying>> all = all_of(*store);
  if (!all) return all.error();
  if (request.json) {
    Json array = Json::array();
    for (const Staying& container : *all) array.push_back(json_of(container));
    return print_out(text_of(array, -1));
  }
  if (!request.quiet) return print_out(table_of(*all));
  std::string out;
  for (const Staying& container : *all) out += cat(container.entry.id(), "\n");
  return print_out(out);
}

// What has been written since; false: nobody reads any more.
Result<bool> copy_log(int log_fd) {
  std::array<char, 1U << 16U> buffer;
  for (;;) {
    const ssize_t count = ::read(log_fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return sys::failure("read the log");
    if (count == 0) return true;
    const Status written =
        sys::write_all(STDOUT_FILENO, {buffer.data(), static_cast<std::size_t>(count)}, "stdout");
    if (!written && written.error().code() == EPIPE) return false;
    if (!written) return written.error();
  }
}

Result<int> log_of(const state::Store& store, const cli::StayRequest& request, const std::string& name) {
  Result<Staying> container = find_staying(store, "read the log of", name);
  if (!container) return container.error();
  if (!container->kept().has_log)
    return Error(cat("read the log of ", name), "it has none: it was started in the foreground (without -d)");
  const Result<sys::UniqueFd> log = container->entry.open_log();
  if (!log) return log.error();
  const Result<sys::UniqueFd> monitor = open_monitor(*container);
  if (!monitor) return monitor.error();
  for (;;) {
    // Before it is read: what is written until the end is in it then.
    const bool has_ended = !request.follow || !monitor->valid() || sys::has_ended(monitor->get());
    const Result<bool> copied = copy_log(log->get());
    if (!copied) return copied.error();
    if (!*copied || has_ended) return 0;
    pollfd entry{.fd = monitor->get(), .events = POLLIN, .revents = 0};
    ::poll(&entry, 1, kFollowMs);
  }
}

}  // namespace

int ps(std::span<const std::string> args) {
  const Result<cli::StayRequest> request = cli::read_stay(cli::StayVerb::kPs, args);
  if (!request) return print_error(request.error());
  if (request->help) return print_out(cli::stay_help(cli::StayVerb::kPs));
  const Result<int> done = list(*request);
  return done ? *done : print_error(done.error());
}

int logs(std::span<const std::string> args) { return for_each(cli::StayVerb::kLogs, args, log_of); }

int inspect(std::span<const std::string> args) {
  Json array = Json::array();
  bool asked = false;
  const int status = for_each(
      cli::StayVerb::kInspect, args,
      [&](const state::Store& store, const cli::StayRequest&, const std::string& name) -> Result<int> {
        asked = true;
        const Result<Staying> container = find_staying(store, "inspect", name);
        if (!container) return container.error();
        array.push_back(json_of(*container));
        return 0;
      });
  const int printed = asked ? print_out(text_of(array, 2)) : 0;
  return printed != 0 ? printed : status;
}

}  // namespace kelp::verbs
