// SPDX-License-Identifier: Apache-2.0
// The command enters its Landlock domain. PID 1 and what it does for the command stay outside of it.
// Runs in: child.
#include "sys/landlock.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"
#include "sys/resolve.h"

namespace kelp::child {
namespace {

// A rule for what is not there, or what the command's user cannot get to, would allow nothing.
bool is_out_of_reach(int code) { return code == ENOENT || code == ENOTDIR || code == EACCES; }

// What a rule is about. Invalid: there is nothing to allow. A path that leads elsewhere by now (a later mount
// lies over it, or who shares the root has put a link to "/" there) must not give the rights to that.
Result<sys::UniqueFd> place_of(const plan::FileRule& rule, const Context& context) {
  Result<sys::UniqueFd> place = sys::resolve(context.root.get(), rule.path);
  if (!place && is_out_of_reach(place.error().code())) return sys::UniqueFd();
  if (!place || rule.path == "/") return place;
  const auto made = context.noted.find(rule.path);
  if (made == context.noted.end()) return sys::UniqueFd();
  const Result<sys::MountIdentity> identity = sys::identify(place->get());
  if (!identity) return identity.error();
  // Not the mount's number, which is another one once the mounts are locked: a rule is about an inode.
  if (identity->device != made->second.device || identity->inode != made->second.inode)
    return sys::UniqueFd();
  return place;
}

Status allow(const sys::UniqueFd& ruleset, const plan::FileRule& rule, std::uint64_t of_plain_files,
             const Context& context) {
  const Result<sys::UniqueFd> path = place_of(rule, context);
  if (!path) return path.error();
  if (!path->valid()) return {};
  struct stat info{};
  if (::fstat(path->get(), &info) != 0) return sys::failure(cat("look at ", rule.path));
  const std::uint64_t rights = S_ISDIR(info.st_mode) ? rule.rights : rule.rights & of_plain_files;
  Status added = sys::allow_files(ruleset.get(), path->get(), rights);
  if (!added) return std::move(added.error()).after(rule.path);
  return {};
}

}  // namespace

void note(Context& context, const std::string& path, const sys::MountIdentity& made) {
  if (context.has_file_rules) context.noted.insert_or_assign(path, made);
}

Status note_new(Context& context, const std::string& path, const sys::UniqueFd& target) {
  if (!context.has_file_rules) return {};
  const Result<Covered> seen = look_at_cover(context, path, target);
  if (!seen) return seen.error();
  const std::uint64_t id = seen->now.mount_id;
  const auto& own = context.own_mounts;
  const bool is_old =
      id == seen->before.mount_id || std::ranges::find(own, id) != own.end() ||
      std::ranges::any_of(context.noted, [&](const auto& one) { return one.second.mount_id == id; });
  if (is_old) return replaced_meanwhile(path);
  note(context, path, seen->now);
  return {};
}

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
