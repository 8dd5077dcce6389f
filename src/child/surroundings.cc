// SPDX-License-Identifier: Apache-2.0
// What the command finds around itself: limits, directory, umask; and the byte that it may have to wait for.
// Runs in: child.
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <string>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"

namespace kelp::child {
namespace {

Status enter(const Context& context, const std::string& where) {
  Result<sys::UniqueFd> directory = sys::resolve(context.root.get(), where);
  if (!directory) return sys::failure(cat("enter ", where), directory.error().code());
  if (::fchdir(directory->get()) != 0) return sys::failure(cat("enter ", where));
  std::array<char, PATH_MAX> path{};
  // A directory that is not below "/" would be a way out; the kernel says "(unreachable)".
  if (::getcwd(path.data(), path.size()) == nullptr) return sys::failure(cat("enter ", where));
  if (path[0] != '/') return Error(cat("enter ", where), "it is not reachable from the root");
  return {};
}

}  // namespace

Status perform(const plan::SetLimit& step, Context& context) {
  const ResourceLimit& limit = step.limit;
  rlimit wanted{.rlim_cur = limit.soft, .rlim_max = limit.hard};
  if (limit.resource == RLIMIT_NOFILE) {
    // Set-up still opens files: now only what needs a right, the rest with the exec.
    context.descriptor_limit = {.soft = limit.soft, .hard = limit.hard};
    if (::getrlimit(RLIMIT_NOFILE, &wanted) != 0) return sys::failure("read the limit nofile");
    if (limit.hard <= wanted.rlim_max) return {};
    wanted.rlim_max = limit.hard;
  }
  if (::setrlimit(static_cast<__rlimit_resource>(limit.resource), &wanted) != 0) {
    return sys::failure(cat("set the limit ", limit_name(limit.resource)));
  }
  return {};
}

Status perform(const plan::EnterDirectory& step, Context& context) {
  std::string entered;
  for (const std::string& path : step.before) {
    if (!enter(context, path)) continue;
    entered = path;
    break;
  }
  if (entered.empty()) {
    Status s = enter(context, step.path);
    if (!s) return std::move(s.error()).with_part(FailedPart::kEnter, step.path);
    entered = step.path;
  }
  if (step.tell) context.directory = std::move(entered);
  return {};
}

Status perform(const plan::WaitForByte& step, Context& /*context*/) {
  char byte = 0;
  while (::read(step.fd, &byte, 1) < 0) {
    if (errno != EINTR) return sys::failure(cat("read descriptor ", step.fd));
  }
  ::close(step.fd);
  return {};
}

Status perform(const plan::SetUmask& step, Context& context) {
  ::umask(step.umask.value_or(context.caller_umask));
  return {};
}

}  // namespace kelp::child
