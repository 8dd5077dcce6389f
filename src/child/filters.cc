// SPDX-License-Identifier: Apache-2.0
// The filters of system calls that the command runs under. They are ready programs: nothing is compiled here.
// Runs in: child.
#include "child/context.h"
#include "sys/failure.h"
#include "sys/pipe.h"
#include "sys/seccomp.h"

namespace kelp::child {
namespace {

// The parent is told first: what comes behind the filter may wait for an answer, and nobody can give one
// before the descriptor is passed on. Between the two is one sendmsg, which no such filter holds up
// (read_listener() in formats/).
Status install_notifying(const FilterProgram& program, const Context& context) {
  if (Status s = context.tell(ReportKind::kListening, {}); !s) return s;
  const Result<sys::UniqueFd> listener =
      sys::install_notifying_filter(program.code.data(), program.code.size(), program.flags);
  if (!listener) return listener.error();
  const Status sent = sys::send_message(context.channels.notify.get(), "l", 1, listener->get());
  if (!sent) return sys::failure("pass the listener of the system call filter on", sent.error().code());
  return context.wait_for_go();
}

Status install(const plan::InstallFilters& step, Context& context) {
  context.index = 0;
  for (const FilterProgram& program : step.programs) {
    static_assert(sizeof(FilterInstruction) == sys::kFilterInstructionSize);
    if (program.notifies) {
      if (Status s = install_notifying(program, context); !s) return s;
    } else if (Status s = sys::install_filter(program.code.data(), program.code.size(), program.flags); !s)
      return s;
    ++context.index;
  }
  return {};
}

}  // namespace

Status perform(const plan::InstallFilters& step, Context& context) {
  if (step.time == plan::FilterTime::kHere) return install(step, context);
  context.filters = &step;
  context.filter_step = context.step;
  return {};
}

Status install_waiting_filters(Context& context) {
  if (context.filters == nullptr) return {};
  const std::uint32_t step = context.step;
  context.step = context.filter_step;
  if (Status s = install(*context.filters, context); !s) return s;
  // Of several places of PATH the first may refuse to be executed: once is enough.
  context.filters = nullptr;
  context.step = step;
  context.index = 0;
  return {};
}

}  // namespace kelp::child
