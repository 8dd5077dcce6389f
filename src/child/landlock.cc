// SPDX-License-Identifier: Apache-2.0
// The command enters its Landlock domain. PID 1 and what it does for the command stay outside of it.
// Runs in: child.
#include "sys/landlock.h"

#include <sys/stat.h>

#include <cerrno>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"
#include "sys/resolve.h"

namespace kelp::child {
namespace {

// A rule for what is not there, or what the command's user cannot get to, would allow nothing.
bool is_out_of_reach(int code) { return code == ENOENT || code == ENOTDIR || code == EACCES; }

Status allow(const sys::UniqueFd& ruleset, const plan::FileRule& rule, std::uint64_t of_plain_files,
             const Context& context) {
  Result<sys::UniqueFd> path = sys::resolve(context.root.get(), rule.path);
  if (!path) return is_out_of_reach(path.error().code()) ? Status() : std::move(path.error());
  struct stat info{};
  if (::fstat(path->get(), &info) != 0) return sys::failure(cat("look at ", rule.path));
  const std::uint64_t rights = S_ISDIR(info.st_mode) ? rule.rights : rule.rights & of_plain_files;
  Status added = sys::allow_files(ruleset.get(), path->get(), rights);
  if (!added) return std::move(added.error()).after(rule.path);
  return {};
}

}  // namespace

Status perform(const plan::RestrictSelf& step, Context& context) {
  Result<sys::UniqueFd> ruleset =
      sys::make_landlock_ruleset({.files = step.files, .ports = step.ports, .scopes = step.scopes});
  if (!ruleset) return ruleset.error();
  for (const plan::FileRule& rule : step.allowed_files) {
    if (Status s = allow(*ruleset, rule, step.rights_of_plain_files, context); !s) return s;
    ++context.index;
  }
  for (const plan::PortRule& rule : step.allowed_ports) {
    if (Status s = sys::allow_port(ruleset->get(), rule.port, rule.rights); !s) return s;
  }
  return sys::enter_landlock_domain(ruleset->get());
}

}  // namespace kelp::child
