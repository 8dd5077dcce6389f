// SPDX-License-Identifier: Apache-2.0
// The filters of system calls that the command runs under. They are ready programs: nothing is compiled here.
// Runs in: child.
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"
#include "sys/seccomp.h"

namespace kelp::child {
namespace {

Status install(const plan::InstallFilters& step, Context& context) {
  context.index = 0;
  for (const FilterProgram& program : step.programs) {
    static_assert(sizeof(FilterInstruction) == sys::kFilterInstructionSize);
    if (Status s = sys::install_filter(program.code.data(), program.code.size(), program.flags); !s) return s;
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

Status perform(const plan::ConnectAgent& step, Context& context) {
  const std::string action = cat("connect to the agent of system calls at ", step.path);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (step.path.size() >= sizeof address.sun_path) return sys::failure(action, ENAMETOOLONG);
  std::memcpy(address.sun_path, step.path.data(), step.path.size());
  sys::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return sys::failure(action);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return sys::failure(action);
  context.agent = std::move(socket);
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
