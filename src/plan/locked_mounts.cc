// SPDX-License-Identifier: Apache-2.0
// What is read-only, hidden or masked is so by a mount that covers something, and the kernel takes that off
// when its mount namespace ends, while a descriptor of a directory below may live on in another container (a
// socket carries it there). LockMounts keeps the two together; where it cannot, or where what is covered can
// be moved away, the policy says so.
#include <linux/capability.h>

#include <algorithm>

#include "base/text.h"
#include "plan/steps.h"

namespace kelp::plan {
namespace {

constexpr CapabilityMask bit(unsigned capability) { return CapabilityMask{1} << capability; }

bool is_below(std::string_view path, std::string_view directory) {
  if (directory == "/") return path.size() > 1 && path.starts_with('/');
  return path.size() > directory.size() && path.starts_with(directory) && path[directory.size()] == '/';
}

// A tree of the host's that the container may write to.
struct Writable {
  std::string_view from, to;
};

std::vector<Writable> writable_trees(const Spec& spec) {
  std::vector<Writable> trees;
  const auto* directory = std::get_if<DirectoryRoot>(&spec.root.what);
  if (directory != nullptr && !spec.root.overlay && !spec.root.read_only)
    trees.push_back({directory->path, "/"});
  for (const Mount& mount : spec.mounts) {
    const auto* bind = std::get_if<Bind>(&mount.what);
    if (bind != nullptr && bind->writable) trees.push_back({bind->from, bind->to});
  }
  return trees;
}

// What one mount covers of the host's: all that is hidden, and what was bound read-only over itself.
bool is_cover(const Mount& mount, const std::vector<Writable>& trees) {
  if (std::holds_alternative<Hide>(mount.what)) return true;
  const auto* bind = std::get_if<Bind>(&mount.what);
  if (bind == nullptr || bind->writable) return false;
  return std::ranges::any_of(trees, [&](const Writable& tree) {
    return is_below(bind->to, tree.to) && (bind->from_fd >= 0 || is_below(bind->from, tree.from));
  });
}

struct Covers {
  bool any = false;
  std::string movable;  // the first that lies in a tree where the container may rename
};

Covers covers_of(const Spec& spec, bool has_masks) {
  Covers covers{.any = has_masks, .movable = {}};
  const std::vector<Writable> trees = writable_trees(spec);
  for (const Mount& mount : spec.mounts) {
    if (!is_cover(mount, trees)) continue;
    covers.any = true;
    const std::string& path = destination_of(mount);
    const bool is_movable =
        std::ranges::any_of(trees, [&](const Writable& tree) { return is_below(path, tree.to); });
    if (is_movable && covers.movable.empty()) covers.movable = path;
  }
  return covers;
}

bool has_masks(const Spec& spec, const host::Facts& facts, const IdMaps& ids) {
  return spec.mask_real_root && holds_real_root(ids, facts);
}

CapabilityMask capabilities_of(const Spec& spec) {
  return spec.command.capabilities.root | spec.command.capabilities.any_user;
}

// Why the mounts cannot be locked; empty: they can.
std::string obstacle(const Spec& spec, const host::Facts& facts, const IdMaps& ids) {
  if (!spec.lock_mounts || ids.writer == MapWriter::kOthers || ids.writer == MapWriter::kNobody ||
      !spec.new_namespaces.has(Namespace::kUser))
    return "they come off when the container ends, while a descriptor that was passed on lives";
  if (spec.propagation == MountPropagation::kShared)
    return "mounts that are shared with the host cannot be locked";
  const CapabilityMask asked = capabilities_of(spec);
  if (spec.new_namespaces.has(Namespace::kNetwork) && (asked & (bit(CAP_NET_ADMIN) | bit(CAP_NET_RAW))) != 0)
    return "with net_admin or net_raw over its own network the mounts are not locked";
  if (spec.new_namespaces.has(Namespace::kIpc) && (asked & bit(CAP_IPC_OWNER)) != 0)
    return "with ipc_owner the mounts are not locked";
  // Hidden from whoever else is root, set-up can open its id maps only as the root that it was started as.
  if (facts.caller.uid == 0 && inside_of(ids.users, 0) != Id{0})
    return "started by root for other ids than its own, the mounts are not locked";
  return {};
}

// A user namespace inside has a mount namespace of its own, from which what is mounted here can be renamed.
bool may_make_user_namespaces(const Spec& spec) {
  if (spec.command.inner_namespaces != InnerNamespaces::kAllowed || spec.landlock.files) return false;
  return spec.seccomp.only_log || std::ranges::none_of(spec.seccomp.filters, [](const Filter& filter) {
           const auto* built_in = std::get_if<BuiltInFilter>(&filter.what);
           return built_in != nullptr && *built_in == BuiltInFilter::kNoUserns;
         });
}

}  // namespace

bool locks_mounts(const Spec& spec, const host::Facts& facts, const IdMaps& ids) {
  // Who may mount inside can take everything off anyhow.
  if ((capabilities_of(spec) & bit(CAP_SYS_ADMIN)) != 0) return false;
  return covers_of(spec, has_masks(spec, facts, ids)).any && obstacle(spec, facts, ids).empty();
}

void add_lock(const Spec& spec, const host::Facts& facts, const IdMaps& ids, Steps& steps) {
  const auto same = [](IdMap map) {
    for (IdRange& range : map) range.host = range.inside;
    return map;
  };
  const auto is_one = [](const IdMap& map) { return map.size() == 1 && map.front().count == 1; };
  // Such a map comes with setgroups denied (user_namespaces(7)).
  const bool is_single = ids.deny_setgroups && is_one(ids.users) && is_one(ids.groups);
  steps.add(LockMounts{
      .is_single = is_single,
      .users = same(ids.users),
      .groups = same(ids.groups),
      .forbids_cgroup_namespaces = has_masks(spec, facts, ids) && facts.may_make_cgroup_namespaces});
}

void note_mount_rights(const Spec& spec, const host::Facts& facts, const IdMaps& ids, Plan& plan) {
  const bool is_real_root = has_masks(spec, facts, ids);
  const Covers covers = covers_of(spec, is_real_root);
  PolicyItem item{.what = "what is read-only, hidden or masked stays so", .fence = Fence::kPaths};
  const auto note = [&](Enforcement enforcement, std::string why) {
    item.enforcement = enforcement;
    item.why = std::move(why);
  };
  if ((capabilities_of(spec) & bit(CAP_SYS_ADMIN)) != 0) {
    note(Enforcement::kNot,
         cat("with sys_admin the container can undo its mounts",
             is_real_root ? ", and reach the settings of the machine, whose own root is in the map" : ""));
  } else if (covers.any && !obstacle(spec, facts, ids).empty()) {
    note(Enforcement::kPartly, obstacle(spec, facts, ids));
  } else if (!covers.movable.empty() && may_make_user_namespaces(spec)) {
    note(Enforcement::kPartly,
         cat(covers.movable,
             " lies in what can be written to, and a user namespace made inside can move it "
             "away (--seccomp=@no-userns and --landlock forbid that)"));
  } else if (spec.propagation != MountPropagation::kPrivate) {
    note(Enforcement::kPartly, "mounts that arrive later are as the host made them");
  }
  plan.policy.push_back(std::move(item));
}

}  // namespace kelp::plan
