// SPDX-License-Identifier: Apache-2.0
// See joined.h.
// Runs in: parent.
#include "launch/joined.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

#include <string>
#include <utility>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::launch {
namespace {

constexpr long kNsfsMagic = 0x6e736673;

std::uint64_t flag_of(Namespace kind) {
  for (const NamespaceInfo& info : all_namespaces()) {
    if (info.kind == kind) return info.clone_flag;
  }
  return 0;
}

// Looked at before it is opened: a FIFO would block, a device have side effects.
Result<sys::UniqueFd> open_namespace(const JoinedNamespace& wanted, const std::string& name) {
  const std::string action = cat("join the ", name);
  Result<sys::UniqueFd> place = sys::open_file(wanted.path, O_PATH);
  if (!place) return sys::failure(action, place.error().code()).after(wanted.origin.text);
  struct statfs info{};
  if (::fstatfs(place->get(), &info) != 0) return sys::failure(action).after(wanted.origin.text);
  Result<sys::UniqueFd> space = sys::UniqueFd();
  if (info.f_type == kNsfsMagic) {
    space = sys::open_file(sys::proc_path(place->get()), O_RDONLY);
    if (!space) return sys::failure(action, space.error().code()).after(wanted.origin.text);
  }
  const auto flag = static_cast<int>(flag_of(wanted.kind));
  if (!space->valid() || ::ioctl(space->get(), NS_GET_NSTYPE) != flag)
    return Error(action, cat("it is no ", namespace_name(wanted.kind), " namespace"))
        .after(wanted.origin.text);
  return space;
}

}  // namespace

Result<Joined> open_joined(const plan::Plan& plan) {
  Joined joined{.fds = {}, .namespaces = {.user_fd = plan.ids.namespace_fd, .pid_fd = plan.pid_namespace_fd}};
  sys::JoinedNamespaces& spaces = joined.namespaces;
  for (const JoinedNamespace& wanted : plan.joined) {
    std::string name = cat(namespace_name(wanted.kind), " namespace ", wanted.path);
    Result<sys::UniqueFd> space = open_namespace(wanted, name);
    if (!space) return space.error();
    if (wanted.kind == Namespace::kUser) {
      spaces.user_fd = space->get();
      spaces.user_name = std::move(name);
    } else if (wanted.kind == Namespace::kPid) {
      spaces.pid_fd = space->get();
      spaces.pid_name = std::move(name);
    } else {
      spaces.others.push_back(
          {.fd = space->get(), .type = static_cast<int>(flag_of(wanted.kind)), .name = std::move(name)});
    }
    joined.fds.push_back(std::move(*space));
  }
  spaces.oom_score = plan.entered_oom_score;
  if (!plan.entered) return joined;
  spaces.process_fd = plan.entered->pidfd;
  for (const Namespace kind : plan.entered->kinds) spaces.process_types |= static_cast<int>(flag_of(kind));
  if (plan.entered->cgroup.empty()) return joined;
  Result<sys::UniqueFd> cgroup = sys::open_file(plan.entered->cgroup, O_RDONLY | O_DIRECTORY);
  if (!cgroup) return std::move(cgroup.error()).after("the container's cgroup");
  spaces.cgroup_fd = cgroup->get();
  joined.fds.push_back(std::move(*cgroup));
  return joined;
}

}  // namespace kelp::launch
