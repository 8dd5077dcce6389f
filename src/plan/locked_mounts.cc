// SPDX-License-Identifier: Apache-2.0
// What is read-only, hidden or masked is so by a mount that covers something, and the kernel takes that off
// when its mount namespace ends, while a descriptor of a directory below may live on in another container (a
// socket carries it there). LockMounts keeps the two together; where it cannot, or where what is covered can
// be moved away, the policy says so.
#include <linux/capability.h>

#include <algorithm>

#include "base/text.h"
#include "plan/grounds.h"
#include "plan/steps.h"

namespace kelp::plan {
namespace {

constexpr CapabilityMask bit(unsigned capability) { return CapabilityMask{1} << capability; }

// What counts in a user namespace that owns no other namespace but that of the mounts.
constexpr CapabilityMask kCountWithin =
    bit(CAP_CHOWN) | bit(CAP_DAC_OVERRIDE) | bit(CAP_DAC_READ_SEARCH) | bit(CAP_FOWNER) | bit(CAP_FSETID) |
    bit(CAP_KILL) | bit(CAP_SETGID) | bit(CAP_SETUID) | bit(CAP_SETPCAP) | bit(CAP_NET_BIND_SERVICE) |
    bit(CAP_SYS_CHROOT) | bit(CAP_SYS_PTRACE) | bit(CAP_MKNOD) | bit(CAP_LEASE) | bit(CAP_SETFCAP);

bool is_at_or_below(std::string_view path, std::string_view directory) {
  return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

bool is_hidden_or_read_only(const Mount& mount) {
  const auto* bind = std::get_if<Bind>(&mount.what);
  return std::holds_alternative<Hide>(mount.what) || (bind != nullptr && !bind->writable);
}

bool is_writable(const Mount& mount) {
  const auto* bind = std::get_if<Bind>(&mount.what);
  const auto* overlay = std::get_if<OverlayMount>(&mount.what);
  return (bind != nullptr && bind->writable) ||
         (overlay != nullptr && overlay->writes != OverlayMount::Writes::kRefused);
}

struct Covers {
  bool any = false;
  std::string movable;  // the first that may lie in a tree where the container may rename
  std::string covered;  // the first that a later mount lies over
};

// By destinations alone: how a source is spelled says little, and a mount that lands in a tree by a link is
// refused (ground.h). To see a cover too many costs a start one namespace. In ROOT, which is the container's,
// it is what is hidden, and what is bound read-only from there.
Covers covers_of(const Spec& spec, bool has_masks) {
  Covers covers{.any = has_masks, .movable = {}, .covered = {}};
  const auto* root = std::get_if<DirectoryRoot>(&spec.root.what);
  bool has_writable = root != nullptr && !spec.root.read_only;
  std::vector<std::string> trees;
  std::vector<std::string> kept;  // destinations of what is hidden or read-only
  std::string first;
  for (const Mount& mount : spec.mounts) {
    const std::string path = plain_path(destination_of(mount));
    const auto* bind = std::get_if<Bind>(&mount.what);
    const bool is_of_root = root != nullptr && bind != nullptr && !bind->writable && bind->from_fd < 0 &&
                            is_at_or_below(plain_path(bind->from), plain_path(root->path));
    const bool is_cover =
        std::holds_alternative<Hide>(mount.what) || is_of_root ||
        std::ranges::any_of(trees, [&](const std::string& tree) { return is_at_or_below(path, tree); });
    if (is_cover && first.empty()) first = destination_of(mount);
    covers.any |= is_cover;
    for (const std::string& earlier : kept) {
      if (covers.covered.empty() && is_at_or_below(earlier, path)) covers.covered = earlier;
    }
    if (is_hidden_or_read_only(mount)) kept.push_back(path);
    if (is_tree(mount)) trees.push_back(path);
    has_writable |= is_writable(mount);
  }
  if (has_writable) covers.movable = first;
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
  if (spec.command.pid1 == Pid1::kEnterableReaper)
    return "with --init=enterable, to be entered from outside, the mounts are not locked";
  if ((capabilities_of(spec) & ~kCountWithin) != 0)
    return "with a capability that an inner user namespace would not have (--cap-add), the mounts are not "
           "locked";
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
  } else if (!covers.covered.empty()) {
    note(Enforcement::kPartly, cat("a later mount lies over ", covers.covered));
  } else if (!covers.movable.empty() && may_make_user_namespaces(spec)) {
    note(Enforcement::kPartly,
         cat("where ", covers.movable,
             " lies below what can be written to, a user namespace made inside can move it away "
             "(--seccomp=@no-userns and --landlock forbid that)"));
  } else if (spec.propagation != MountPropagation::kPrivate) {
    note(Enforcement::kPartly, "mounts that arrive later are as the host made them");
  }
  plan.policy.push_back(std::move(item));
}

}  // namespace kelp::plan
