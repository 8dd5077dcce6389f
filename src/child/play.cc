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

Status Context::ask(ReportKind kind) const {
  if (Status s = tell(kind, {}); !s) return s;
  return wait_for_go();
}

Status Context::wait_for_go() const {
  char byte = 0;
  for (;;) {
    const ssize_t count = ::read(channels.go.get(), &byte, 1);
    if (count == 1) return {};
    // The parent has ended: there is nobody to report to.
    if (count == 0) ::_exit(kExitCannotStart);
    if (errno != EINTR) return sys::failure("wait for kelp");
  }
}

void play(const plan::Plan& plan, Channels channels, const Caller& caller) {
  for (const int fd : plan.parent_fds) ::close(fd);
  const mode_t umask = ::umask(0);  // the modes of the plan are final
  Context context{.plan = plan,
                  .channels = std::move(channels),
                  .descriptor_limit = caller.limit,
                  .caller_umask = umask,
                  .terminal = caller.terminal,
                  .is_hidden = caller.is_hidden,
                  .has_file_rules = has_file_rules(plan)};
  if (!context.wait_for_go()) ::_exit(kExitCannotStart);
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
