// SPDX-License-Identifier: Apache-2.0
// Lowers what a Spec runs to the child's last steps: names, limits, rights, and the exec.
#include <algorithm>

#include "base/text.h"
#include "plan/steps.h"

namespace kelp::plan {
namespace {

// TERM and its like reach the command only through Environment; HOME and USER are the child's to find.
std::vector<std::string> final_environment(const Environment& environment) {
  std::vector<std::string> out;
  for (const std::string& entry : environment.entries) {
    const std::string name = entry.substr(0, entry.find('=') + 1);
    const auto same =
        std::find_if(out.begin(), out.end(), [&](const std::string& o) { return o.starts_with(name); });
    if (same == out.end()) {
      out.push_back(entry);
    } else {
      *same = entry;
    }
  }
  return out;
}

// With the name of the file that helps apt.
std::vector<std::string> environment_of(const Spec& spec, const IdMaps& ids) {
  std::vector<std::string> out = final_environment(spec.command.environment);
  if (const auto apt = apt_settings(spec, ids)) {
    std::erase_if(out, [](const std::string& entry) { return entry.starts_with(kAptVariable); });
    out.push_back(cat(kAptVariable, apt->to));
  }
  return out;
}

// Where the container's own terminals are; empty: nowhere.
std::string devpts_of(const Spec& spec) {
  if (spec.entered) return "/dev/pts";
  for (const Mount& mount : spec.mounts) {
    if (const auto* devices = std::get_if<Devices>(&mount.what)) return cat(devices->to, "/pts");
    const auto* plain = std::get_if<PlainMount>(&mount.what);
    if (plain != nullptr && plain->type == "devpts") return plain->to;
  }
  return {};
}

// By itself only where one can be had: check() refuses one that was asked for and cannot.
bool wants_terminal(const Spec& spec, const host::Facts& facts) {
  const Command& command = spec.command;
  if (command.terminal == TerminalMode::kAlways) return true;
  return command.terminal == TerminalMode::kAuto && facts.standard_streams_are_one_terminal &&
         command.new_session && !devpts_of(spec).empty();
}

// The owner of a file may always write to it, in the end.
bool may_write_kelp(const Spec& spec, const IdMaps& ids, const host::Facts& facts) {
  constexpr std::uint32_t kWritableByOthers = 0022;  // with an ACL the group's bits are its mask (acl(5))
  if ((facts.self_mode & kWritableByOthers) != 0) return true;
  // Whatever the ids of a namespace that somebody without rights may enter are, the machine's root is none.
  if (spec.entered) return facts.caller.uid == 0 || facts.self_owner != 0;
  // Without a user namespace the command is who we are.
  if (ids.writer == MapWriter::kNobody && ids.namespace_fd < 0)
    return facts.caller.uid == 0 || facts.caller.uid == facts.self_owner;
  if (ids.writer == MapWriter::kOthers || ids.writer == MapWriter::kNobody) return true;  // nobody knows
  return inside_of(ids.users, facts.self_owner).has_value();
}

void add_limits(const Spec& spec, const Plan& plan, Steps& steps) {
  for (const ResourceLimit& limit : limits_of_each_process(spec, plan))
    steps.add(SetLimit{limit}, limit.origin);
  for (const ResourceLimit& limit : spec.command.limits) steps.add(SetLimit{limit}, limit.origin);
}

// Where the kernel forbids setgroups the caller's stay, as with Groups::kOfUser; a list that is not empty is
// given to the child all the same, which tells that it counts for nothing.
std::optional<std::vector<Id>> listed_groups(const Command& command, const IdMaps& ids) {
  if (command.groups != Groups::kListed) return std::nullopt;
  if (ids.deny_setgroups && command.listed_groups.empty()) return std::nullopt;
  return command.listed_groups;
}

// Whether the child looks HOME up: nobody's file is read for what an entry says.
bool finds_home(const Environment& environment) {
  const auto is_home = [](const std::string& entry) { return entry.starts_with("HOME="); };
  return environment.from_root ||
         (environment.home_from_root && std::ranges::none_of(environment.entries, is_home));
}

}  // namespace

namespace {

// What the namespaces hold, and those that are entered now.
void add_namespaces(const Spec& spec, const host::Facts& facts, const IdMaps& ids, Steps& steps) {
  const Command& command = spec.command;
  if (!spec.hostname.empty() || !spec.domainname.empty()) {
    steps.add(SetNames{.hostname = spec.hostname, .domainname = spec.domainname}, spec.origins.names);
  }
  if (spec.loopback_up && spec.new_namespaces.has(Namespace::kNetwork))
    steps.add(LoopbackUp{}, spec.origins.network);
  if (spec.user_namespace_after_fd >= 0) steps.add(JoinUserNamespace{.fd = spec.user_namespace_after_fd});
  if (locks_mounts(spec, facts, ids)) add_lock(spec, facts, ids, steps);
  if (command.inner_namespaces == InnerNamespaces::kForbidden) {
    steps.add(EnterInnerNamespace{}, spec.origins.namespaces);
  }
  if (command.inner_namespaces != InnerNamespaces::kAllowed) {
    steps.add(ProveNoUserNamespaces{}, spec.origins.namespaces);
  }
}

}  // namespace

Status plan_command(const Spec& spec, const host::Facts& facts, const IdMaps& ids, Steps& steps, Plan& plan) {
  const Command& command = spec.command;
  add_namespaces(spec, facts, ids, steps);
  if (command.new_keyring) steps.add(NewKeyring{.is_closed = closes_keys(spec.seccomp)});

  plan.has_reaper = command.pid1 != Pid1::kCommand;
  plan.has_terminal = wants_terminal(spec, facts);
  if (command.new_session) steps.add(NewSession{}, spec.origins.session);
  if (plan.has_terminal) {
    steps.add(OpenTerminal{
        .devpts = devpts_of(spec), .size = command.terminal_size, .is_console = command.has_console});
  }
  if (plan.has_reaper) {
    steps.add(StartReaper{.is_enterable = command.pid1 == Pid1::kEnterableReaper,
                          .until_empty = command.lifetime == Lifetime::kAll,
                          .lock_files = command.lock_files,
                          .held_fd = command.held_fd},
              spec.origins.init);
  }
  if (may_write_kelp(spec, ids, facts) || command.start_fd >= 0) steps.add(MakeLauncher{});
  add_limits(spec, plan, steps);

  // Who may still gain rights needs those of set-up to enter a domain, which TakeUser takes away.
  if (command.new_privileges) plan_landlock(spec, facts, steps, plan);
  if (command.new_privileges) {
    if (Status s = add_filters(spec, ids, FilterTime::kHere, steps, plan); !s) return s;
  }
  steps.add(TakeUser{.user = command.user,
                     .keep_ids = command.keep_own_ids,
                     .set_groups = command.groups == Groups::kOfUser && !ids.deny_setgroups,
                     .groups = listed_groups(command, ids),
                     .groups_may_be_denied = ids.deny_setgroups || ids.writer == MapWriter::kNobody,
                     .groups_origin = command.groups_origin,
                     .home_from_passwd = finds_home(command.environment),
                     .name_from_passwd = command.environment.from_root,
                     .home_fallback = std::holds_alternative<HostRoot>(spec.root.what) ? facts.home : "/"},
            command.user.origin);
  steps.add(LimitPrivileges{.root = command.capabilities.root,
                            .any_user = command.capabilities.any_user,
                            .new_privileges = command.new_privileges,
                            .lock_root = command.locks_root,
                            .until_exec = rights_of_supervisor(spec),
                            .keeps_bounds = facts.ladder && !facts.ladder->has_namespaces &&
                                            !facts.ladder->may_limit_bounds,
                            .sets = command.capabilities.sets},
            spec.origins.rights);
  if (!command.labels.apparmor.empty() || !command.labels.selinux.empty())
    steps.add(SetLabels{command.labels});
  EnterDirectory enter{.path = command.directory.value_or("/"), .tell = command.tells_directory};
  if (!command.directory) enter.before = command.likely_directories;
  steps.add(std::move(enter), spec.origins.directory);
  steps.add(SetUmask{.umask = command.umask}, spec.origins.umask);
  if (!command.new_privileges) plan_landlock(spec, facts, steps, plan);
  if (command.wait_fd >= 0) steps.add(WaitForByte{.fd = command.wait_fd});
  if (command.start_fd < 0) add_hooks(spec.hooks.start_container, spec.hooks, steps);
  if (!command.new_privileges) {
    if (Status s = add_filters(spec, ids, FilterTime::kWithExec, steps, plan); !s) return s;
  }
  std::vector<int> preserved = command.preserved_fds;
  std::sort(preserved.begin(), preserved.end());
  steps.add(Execute{.argv = command.argv,
                    .shell = command.default_shell,
                    .argv0 = command.argv0,
                    .environment = environment_of(spec, ids),
                    .preserved_fds = preserved,
                    .plain_scripts = command.runs_plain_scripts,
                    .own_device = facts.self_device,
                    .own_inode = facts.self_inode,
                    .start_fd = command.start_fd,
                    .hooks = command.start_fd < 0 ? std::vector<Hook>() : spec.hooks.start_container});
  plan.inherited_fds = std::move(preserved);
  return {};
}

}  // namespace kelp::plan
