// SPDX-License-Identifier: Apache-2.0
// Hooks that run in the container's namespaces, and the wait for those that the parent runs.
// Runs in: child.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"
#include "sys/hook.h"

namespace kelp::child {

Status perform(const plan::RunHooks& step, Context& context) {
  const mode_t umask = ::umask(context.caller_umask);  // of set-up it is 0
  const std::string pid = std::to_string(::getpid());
  for (const Hook& hook : step.hooks) {
    const sys::HookProgram program{
        .path = hook.path, .args = hook.args, .environment = hook.environment, .timeout_s = hook.timeout_s};
    if (Status s = sys::run_hook(program, {step.state_before_pid, pid, step.state_after_pid}); !s) return s;
  }
  ::umask(umask);
  return {};
}

Status perform(const plan::AskParent& /*step*/, Context& context) {
  return context.ask(ReportKind::kMounted);
}

}  // namespace kelp::child
