// SPDX-License-Identifier: Apache-2.0
// The loop over the steps; see play.h.
// Runs in: child.
#include "child/play.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "child/context.h"
#include "sys/failure.h"

namespace kelp::child {
namespace {

// False: the parent ended before it could say "go"; there is nobody to report to.
bool wait_for_go(int fd) {
  char byte = 0;
  for (;;) {
    const ssize_t count = ::read(fd, &byte, 1);
    if (count >= 0 || errno != EINTR) return count == 1;
  }
}

bool has_file_rules(const plan::Plan& plan) {
  return std::ranges::any_of(plan.child, [](const plan::Step& step) {
    const auto* const domain = std::get_if<plan::RestrictSelf>(&step.what);
    return domain != nullptr && !domain->allowed_files.empty();
  });
}

[[noreturn]] void fail(const Context& context, const Error& error) {
  const Report report{.kind = ReportKind::kFailed,
                      .step = context.step,
                      .index = context.index,
                      .code = error.code(),
                      .status = error.status(),
                      .action = error.action(),
                      .reason = error.reason(),
                      .hint = error.hint(),
                      .part = error.part(),
                      .object = error.object()};
  // Should the parent be gone there is nobody left to tell.
  (void)send_report(context.channels.report.get(), report);
  ::_exit(error.status());
}

}  // namespace

Status Context::tell(ReportKind kind, const std::string& detail) const {
  return send_report(
      channels.report.get(),
      Report{.kind = kind, .step = step, .index = index, .action = detail, .reason = {}, .hint = {}});
}

void play(const plan::Plan& plan, Channels channels, const Caller& caller) {
  for (const int fd : plan.parent_fds) ::close(fd);
  if (!wait_for_go(channels.go.get())) ::_exit(kExitCannotStart);
  const mode_t umask = ::umask(0);  // the modes of the plan are final
  Context context{.plan = plan,
                  .channels = std::move(channels),
                  .descriptor_limit = caller.limit,
                  .caller_umask = umask,
                  .terminal = caller.terminal,
                  .is_hidden = caller.is_hidden,
                  .has_file_rules = has_file_rules(plan)};
  for (const plan::Step& step : plan.child) {
    context.index = 0;
    context.parents = step.parents;
    context.ground = step.ground ? &*step.ground : nullptr;
    const Status done = std::visit([&](const auto& what) { return perform(what, context); }, step.what);
    if (!done) fail(context, done.error());
    ++context.step;
  }
  // The last step is the exec, which does not come back.
  fail(context, Error("start the command", "the plan ends without an exec"));
}

}  // namespace kelp::child
