// SPDX-License-Identifier: Apache-2.0
// `kelp stop`, `kill`, `wait` and `rm`: signals to containers that stay, and their end.
#include <algorithm>
#include <cerrno>
#include <csignal>

#include "base/text.h"
#include "oci/arguments.h"
#include "verbs/print.h"
#include "verbs/stay_each.h"
#include "verbs/stay_verbs.h"
#include "verbs/staying.h"

namespace kelp::verbs {
namespace {

constexpr int kMostMs = 1 << 30;
constexpr int kUntilKilledMs = 10'000;  // the kernel puts away what a big process had

bool is_running(const Staying& container) { return container.status == StayStatus::kRunning; }

bool has_ended(const Staying& container) {
  return container.status == StayStatus::kExited || container.status == StayStatus::kLost;
}

// Through the kelp that holds it, which passes on what a foreground one would; what that cannot get goes to
// the first process, if there is one yet.
Result<bool> send(const Staying& container, int signal) {
  const bool is_direct = (signal == SIGKILL || signal == SIGSTOP) && container.record.init.pid != 0;
  const Result<sys::UniqueFd> process = is_direct ? open_init(container) : open_monitor(container);
  if (!process) return process.error();
  if (!process->valid()) return false;
  return state::signal_process(process->get(), signal);
}

// Waits as long as the kernel takes for a KILL.
Result<Staying> end_by_kill(Staying container) {
  if (const Result<bool> sent = send(container, SIGKILL); !sent) return sent.error();
  Result<Staying> ended = await_end(std::move(container), kUntilKilledMs);
  if (ended && !has_ended(*ended)) return Error(cat("end ", ended->entry.id()), "it outlives KILL");
  return ended;
}

int said(const std::string& name) { return print_out(cat(name, "\n")); }

Result<int> stop_one(const state::Store& store, const cli::StayRequest& request, const std::string& name) {
  Result<Staying> container = find_staying(store, "stop", name);
  if (!container) return container.error();
  if (has_ended(*container)) return said(name);
  if (const Result<bool> sent = send(*container, SIGTERM); !sent) return sent.error();
  const auto most = static_cast<int>(std::min<std::uint64_t>(request.seconds * 1000, kMostMs));
  Result<Staying> now = await_end(std::move(*container), most);
  if (now && !has_ended(*now)) now = end_by_kill(std::move(*now));
  if (!now) return now.error();
  return said(name);
}

Result<int> kill_one(const state::Store& store, const cli::StayRequest& request, const std::string& name) {
  const std::optional<int> signal = oci::read_signal(request.signal);
  if (!signal) return Error(cat("kill ", name), cat("'", request.signal, "' is no signal"));
  const Result<Staying> container = find_staying(store, "kill", name);
  if (!container) return container.error();
  const Result<bool> sent = is_running(*container) ? send(*container, *signal) : false;
  if (!sent) return sent.error();
  if (!*sent)
    return Error(cat("kill ", name), cat("the container is not running (", name_of(container->status), ")"));
  return said(name);
}

Result<int> wait_one(const state::Store& store, const cli::StayRequest&, const std::string& name) {
  Result<Staying> container = find_staying(store, "wait for", name);
  if (!container) return container.error();
  const Result<Staying> ended = await_end(std::move(*container), -1);
  if (!ended) return ended.error();
  if (!ended->kept().end)
    return Error(cat("wait for ", name), "it is lost: the kelp that held it was killed, and it with that");
  const int status = ended->kept().end->status;
  const int printed = print_out(cat(status, "\n"));
  return printed != 0 ? printed : status;
}

// With --rm it may go by itself meanwhile; one that was made anew under its name is another one.
Result<int> rm_one(const state::Store& store, const cli::StayRequest& request, const std::string& name) {
  Result<Staying> container = find_staying(store, "remove", name);
  if (!container && container.error().code() == ENOENT && request.force) return 0;
  if (!container) return container.error();
  if (!has_ended(*container) && !request.force)
    return Error(cat("remove ", name), cat("the container is ", name_of(container->status)))
        .with_hint(cat("kelp rm -f ", name, " ends it first"));
  // A lost one too: what is left of it was on its way out.
  const Result<Staying> ended = end_by_kill(std::move(*container));
  if (!ended && ended.error().code() == ENOENT) return said(name);
  if (!ended) return ended.error();
  Result<state::Entry> held = store.hold(name);
  if (!held && held.error().code() != ENOENT) return held.error();
  if (held && held->is_same_as(ended->entry)) {
    if (Status s = store.remove(std::move(*held)); !s) return s.error();
  }
  return said(name);
}

}  // namespace

int stop(std::span<const std::string> args) { return for_each(cli::StayVerb::kStop, args, stop_one); }

int kill(std::span<const std::string> args) { return for_each(cli::StayVerb::kKill, args, kill_one); }

int wait(std::span<const std::string> args) { return for_each(cli::StayVerb::kWait, args, wait_one); }

int rm(std::span<const std::string> args) { return for_each(cli::StayVerb::kRm, args, rm_one); }

}  // namespace kelp::verbs
