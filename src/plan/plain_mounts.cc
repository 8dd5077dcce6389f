// SPDX-License-Identifier: Apache-2.0
// Mounts and devices as a foreign configuration has them: what is done where the kernel refuses them as they
// are.
#include <linux/mount.h>
#include <sys/mount.h>

#include "base/text.h"
#include "plan/mounts.h"

namespace kelp::plan {
namespace {

constexpr std::uint64_t kAccessTimes = MOUNT_ATTR__ATIME;

// The kernel wants a choice among the kinds of access times to clear the one before (mount_setattr(2)).
AttributeChange with_choice(AttributeChange change) {
  if ((change.set & kAccessTimes) != 0) change.clear |= kAccessTimes;
  return change;
}

bool is_joined(const Spec& spec, Namespace kind) {
  for (const JoinedNamespace& joined : spec.joined_namespaces) {
    if (joined.kind == kind) return true;
  }
  return false;
}

// The container has one of its own, whoever has made it.
bool has_own(const Spec& spec, Namespace kind) {
  return spec.new_namespaces.has(kind) || is_joined(spec, kind);
}

// "gid=5" of a devpts is the group tty, which not every map has.
std::optional<std::string> without_group(const std::string& data) {
  std::string out;
  for (const std::string_view option : split(data, ',')) {
    if (option.starts_with("gid=")) continue;
    out += cat(out.empty() ? "" : ",", option);
  }
  if (out == data) return std::nullopt;
  return out;
}

// A new file system, and what stands for it.
void choose_filesystem(MountPlainly& step, const Spec& spec, Steps& steps) {
  PlainMount& what = step.what;
  if (what.type == "cgroup") what.type = "cgroup2";
  if (what.type == "proc" && !has_own(spec, Namespace::kPid) && spec.pid_namespace_fd < 0) {
    // Of a pid namespace that is shared it is the outer one in any case.
    step.otherwise = steps.source("/proc");
  } else if (what.type == "sysfs") {
    // Without a network namespace of the container's own, or while parts of the outer one are masked. It
    // shows no more than that one.
    step.otherwise = steps.source("/sys", true, true);
    step.otherwise_set = MOUNT_ATTR_RDONLY;
  } else if (what.type == "cgroup2") {
    // The caller's own part of the tree is in it: whoever may write there leaves the container's limits.
    step.otherwise = steps.source("/sys/fs/cgroup", true, true);
    step.otherwise_set = MOUNT_ATTR_RDONLY;
  } else if (what.type == "mqueue" && !has_own(spec, Namespace::kIpc)) {
    step.otherwise = steps.source("/dev/mqueue", true, true);
  } else if (what.type == "devpts") {
    step.data_otherwise = without_group(what.data);
  }
}

}  // namespace

MountPlainly plain_mount_step(const PlainMount& mount, const Spec& spec, const IdMaps& /*ids*/,
                              Steps& steps) {
  MountPlainly step{.what = mount};
  step.what.attributes = with_choice(mount.attributes);
  step.what.recursive_attributes = with_choice(mount.recursive_attributes);
  if (mount.type == "bind") {
    step.source = steps.source(mount.source);
  } else {
    choose_filesystem(step, spec, steps);
  }
  return step;
}

void add_hooks(const std::vector<Hook>& which, const Hooks& hooks, Steps& steps) {
  for (const Hook& hook : which) {
    steps.add(RunHooks{.hooks = {hook},
                       .state_before_pid = hooks.state_before_pid,
                       .state_after_pid = hooks.state_after_pid},
              hook.origin);
  }
}

MakeNode node_step(const DeviceNode& node, const IdMaps& ids, Steps& steps) {
  MakeNode step{.what = node};
  if (node.type == 'p') return step;
  // The kernel lets nobody make one in a user namespace but the first (vfs_mknod()).
  step.may_make = ids.writer == MapWriter::kNobody && ids.namespace_fd < 0;
  step.source = steps.source(node.path, true, true);
  return step;
}

}  // namespace kelp::plan
