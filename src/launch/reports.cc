// SPDX-License-Identifier: Apache-2.0
// What the parent hears while the child sets up; see reports.h.
// Runs in: parent.
#include "launch/reports.h"

#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string>

#include "base/text.h"
#include "child/report.h"
#include "launch/explain.h"
#include "launch/patience.h"
#include "launch/seccomp_listener.h"
#include "sys/files.h"
#include "sys/hook.h"

namespace kelp::launch {
namespace {

// Nothing: no report will come. The end of the child says so as well as that of the pipe, which who shares
// our pid namespace may hold open (pidfd_getfd(2)).
Result<std::optional<child::Report>> next_report(int fd, Stage stage, Running& running) {
  const std::array<int, 2> awaited = {fd, running.process.pidfd()};
  const Result<std::size_t> ready = wait_for_any(awaited, stage, running);
  if (!ready) return ready.error();
  if (*ready != 0) {  // it has ended, perhaps with a last report meanwhile
    const Result<bool> has_come = may_be_read(fd);
    if (!has_come) return has_come.error();
    if (!*has_come) return std::optional<child::Report>();
  }
  return child::receive_report(fd);
}

// While the child waits for them.
Status run_hooks_of_parent(const plan::Plan& plan, Running& running) {
  const std::string pid = std::to_string(running.process.pid());
  const Hooks& hooks = plan.hooks;
  for (const std::vector<Hook>* const list : {&hooks.prestart, &hooks.create_runtime}) {
    for (const Hook& hook : *list) {
      const sys::HookProgram program{
          .path = hook.path, .args = hook.args, .environment = hook.environment, .timeout_s = hook.timeout_s};
      Status done = sys::run_hook(program, {hooks.state_before_pid, pid, hooks.state_after_pid});
      if (!done) return std::move(done.error()).after(hook.origin.text);
    }
  }
  return go_on(running);
}

}  // namespace

Status go_on(Running& running) {
  Status told = sys::write_all(running.go.get(), "g", "the sync pipe");
  if (told || told.error().code() != EPIPE) return told;
  return explain_silent_end(running.process);
}

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
  bool is_waiting = false;
  for (;;) {
    const Stage stage = executing.empty() ? Stage::kSettingUp : Stage::kExecuting;
    Result<std::optional<child::Report>> report = next_report(fd, stage, running);
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
      case child::ReportKind::kGroupsLeftOut:
        running.warnings.push_back(cat((*report)->action,
                                       ": left out, and the caller's stay: nobody may set groups in this "
                                       "user namespace (user_namespaces(7), setgroups)"));
        break;
      case child::ReportKind::kMounted: {
        if (Status s = run_hooks_of_parent(plan, running); !s) return s;
        break;
      }
      case child::ReportKind::kListening: {
        if (Status s = pass_listener_on(*plan.listener, running); !s) return s;
        break;
      }
      case child::ReportKind::kExecuting: executing = (*report)->action; break;
      case child::ReportKind::kWaiting: is_waiting = true; break;
      case child::ReportKind::kNotExecuted: {
        Error error = explain_not_executed(plan, **report, executing);
        (void)running.process.wait();
        return error;
      }
    }
  }
  if (executing.empty() && !is_waiting) return explain_silent_end(running.process);
  return {};
}

Status wait_for_maps(int ready_fd, Running& running) {
  const std::array<int, 2> awaited = {ready_fd, running.process.pidfd()};
  const Result<std::size_t> ready = wait_for_any(awaited, Stage::kSettingUp, running);
  if (!ready) return ready.error();
  return *ready == 0 ? Status() : explain_silent_end(running.process);
}

}  // namespace kelp::launch
