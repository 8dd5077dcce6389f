// SPDX-License-Identifier: Apache-2.0
// What the parent hears while the child sets up; see reports.h.
// Runs in: parent.
#include "launch/reports.h"

#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include "base/text.h"
#include "child/report.h"
#include "launch/clock.h"
#include "launch/explain.h"
#include "launch/signals.h"
#include "sys/failure.h"

namespace kelp::launch {
namespace {

// How long poll may wait; -1: for ever.
int milliseconds_until(std::optional<std::uint64_t> deadline_us) {
  if (!deadline_us) return -1;
  const std::uint64_t now = now_us();
  if (now >= *deadline_us) return 0;
  return static_cast<int>(std::min<std::uint64_t>((*deadline_us - now + 999) / 1000, 1'000'000));
}

// Waits for the next report. A signal that would have ended kelp, and --timeout, end the start: set-up may
// hang on a dead file server or on a pipe that nobody fills. Other signals are kept for the command, and all
// of them once it may run already.
Status wait_for_report(int report_fd, std::optional<std::uint64_t> deadline_us, bool is_executing,
                       Running& running) {
  const auto give_up = [&](std::string reason, int status) {
    running.process.signal(SIGKILL);
    (void)running.process.wait();
    return Error("start the container", std::move(reason)).with_status(status);
  };
  for (;;) {
    std::array<pollfd, 2> entries = {{{.fd = report_fd, .events = POLLIN, .revents = 0},
                                      {.fd = running.signals.get(), .events = POLLIN, .revents = 0}}};
    if (::poll(entries.data(), entries.size(), milliseconds_until(deadline_us)) < 0 && errno != EINTR)
      return sys::failure("wait for the container");
    if (entries[0].revents != 0) return {};
    if (deadline_us && now_us() >= *deadline_us) return give_up("the time is over (--timeout)", kExitTimeout);
    const std::optional<Signal> signal = next_signal(running.signals.get());
    if (!signal) continue;
    // Where the exec itself hangs, on a dead file server, the command never hears it: twice is meant.
    const bool is_repeated = std::any_of(running.early_signals.begin(), running.early_signals.end(),
                                         [](const Signal& kept) { return ends_a_start(kept.number); });
    if (!ends_a_start(signal->number) || (is_executing && !is_repeated)) {
      running.early_signals.push_back(*signal);
      continue;
    }
    return give_up(cat("interrupted by signal ", signal->number), 128 + signal->number);
  }
}

}  // namespace

Error explain_silent_end(sys::Process& process) {
  Result<sys::Process::Ended> ended = process.wait();
  if (!ended) return ended.error();
  const int status = ended->wait_status;
  // PID 1 tells with 128 and more by which signal the command-to-be ended.
  const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status) - 128;
  if (signal > 0) {
    return Error("start the container", cat("its process was killed by signal ", signal, " during set-up"));
  }
  return Error("start the container",
               cat("its process ended with status ", WEXITSTATUS(status), " during set-up"));
}

Status read_reports(const plan::Plan& plan, int fd, Running& running) {
  std::string executing;  // the path
  std::optional<std::uint64_t> deadline_us;
  if (plan.timeout_ms) deadline_us = running.started_us + *plan.timeout_ms * 1000;
  for (;;) {
    if (Status s = wait_for_report(fd, deadline_us, !executing.empty(), running); !s) return s;
    Result<std::optional<child::Report>> report = child::receive_report(fd);
    if (!report) return report.error();
    if (!report->has_value()) break;
    switch ((*report)->kind) {
      case child::ReportKind::kFailed: {
        Error error = explain(plan, **report);
        (void)running.process.wait();
        return error;
      }
      case child::ReportKind::kMade: running.made.push_back((*report)->action); break;
      case child::ReportKind::kProc: running.proc = (*report)->action; break;
      case child::ReportKind::kExecuting: executing = (*report)->action; break;
      case child::ReportKind::kNotExecuted: {
        Error error = explain_not_executed(plan, **report, executing);
        (void)running.process.wait();
        return error;
      }
    }
  }
  if (executing.empty()) return explain_silent_end(running.process);
  return {};
}

Status wait_for_maps(int ready_fd, Running& running) {
  for (;;) {
    std::array<pollfd, 2> entries = {{{.fd = ready_fd, .events = POLLIN, .revents = 0},
                                      {.fd = running.signals.get(), .events = POLLIN, .revents = 0}}};
    if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR)
      return sys::failure("wait for the id maps");
    if (entries[0].revents != 0) return {};
    const std::optional<Signal> signal = next_signal(running.signals.get());
    if (signal && ends_a_start(signal->number)) {
      return Error("start the container", cat("interrupted by signal ", signal->number))
          .with_status(128 + signal->number);
    }
  }
}

}  // namespace kelp::launch
