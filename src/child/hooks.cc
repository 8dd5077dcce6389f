// SPDX-License-Identifier: Apache-2.0
// Hooks that run in the container's namespaces, and the wait for those that the parent runs.
// Runs in: child.
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"
#include "sys/hook.h"

namespace kelp::child {

Status perform(const plan::RunHooks& step, Context& /*context*/) {
  const std::string pid = std::to_string(::getpid());
  for (const Hook& hook : step.hooks) {
    const sys::HookProgram program{
        .path = hook.path, .args = hook.args, .environment = hook.environment, .timeout_s = hook.timeout_s};
    if (Status s = sys::run_hook(program, {step.state_before_pid, pid, step.state_after_pid}); !s) return s;
  }
  return {};
}

Status perform(const plan::AskParent& /*step*/, Context& context) {
  if (Status s = context.tell(ReportKind::kMounted, {}); !s) return s;
  char byte = 0;
  for (;;) {
    const ssize_t count = ::read(context.channels.go.get(), &byte, 1);
    if (count == 1) return {};
    // The parent has ended: there is nobody to report to.
    if (count == 0) ::_exit(kExitCannotStart);
    if (errno != EINTR) return sys::failure("wait for kelp");
  }
}

}  // namespace kelp::child
