// SPDX-License-Identifier: Apache-2.0
// The Spec of `kelp run` made whole: what only makes sense once all flags are known.
#include <algorithm>
#include <initializer_list>
#include <utility>

#include "base/text.h"
#include "cli/draft.h"

namespace kelp::cli {
namespace {

// What was typed to get this namespace.
Origin origin_of(const Draft& draft, Namespace kind) {
  for (const Said<Namespace>& unshared : draft.unshared) {
    if (unshared.value == kind) return {unshared.typed};
  }
  return {};
}

void finish_origins(Draft& draft) {
  Spec& spec = draft.request.spec;
  spec.origins = {.namespaces = origin_of(
                      draft, {"bare", "unshare", "share", "network", "publish", "host-port", "time-offset"}),
                  .network = origin_of(draft, Namespace::kNetwork),
                  .clocks = origin_of(draft, Namespace::kTime),
                  .names = origin_of(draft, {"hostname", "domainname"}),
                  .rights = origin_of(draft, {"cap-add", "cap-drop", "new-privileges"}),
                  .session = origin_of(draft, {"new-session"}),
                  .init = origin_of(draft, {"init", "no-init"}),
                  .directory = origin_of(draft, {"workdir"}),
                  .umask = origin_of(draft, {"umask"}),
                  .timeout = origin_of(draft, {"timeout"}),
                  .hostname = origin_of(draft, {"hostname"}),
                  .domainname = origin_of(draft, {"domainname"}),
                  .report = origin_of(draft, {"report"}),
                  .preserved_fds = origin_of(draft, {"preserve-fd"})};
  if (spec.origins.directory.text.empty() && draft.here) spec.origins.directory = {*draft.here};
}

Status finish_namespaces(Draft& draft) {
  Spec& spec = draft.request.spec;
  if (draft.own_network) {
    const Said<Namespace> said{Namespace::kNetwork, draft.own_network->typed};
    (draft.own_network->value ? draft.unshared : draft.shared).push_back(said);
  }
  for (const Said<Namespace>& shared : draft.shared) {
    for (const Said<Namespace>& unshared : draft.unshared) {
      if (shared.value == unshared.value) {
        return Error(cat("use ", shared.typed), cat("it contradicts ", unshared.typed));
      }
    }
    spec.new_namespaces.remove(shared.value);
  }
  for (const Said<Namespace>& unshared : draft.unshared) spec.new_namespaces.add(unshared.value);
  spec.loopback_up = spec.new_namespaces.has(Namespace::kNetwork);
  return {};
}

// Without a pid namespace there is no PID 1: the child itself becomes the command.
Status finish_init(Draft& draft) {
  Command& command = draft.request.spec.command;
  if (!draft.request.spec.new_namespaces.has(Namespace::kPid)) {
    if (draft.pid1 && draft.pid1->value != Pid1::kCommand) {
      return Error(cat("use ", draft.pid1->typed), "without a pid namespace of its own there is no PID 1");
    }
    command.pid1 = Pid1::kCommand;
  } else if (draft.pid1) {
    command.pid1 = draft.pid1->value;
  }
  // So that others can be put into it.
  if (draft.request.stays() && command.pid1 == Pid1::kReaper) command.pid1 = Pid1::kEnterableReaper;
  return {};
}

// The machine's own userland is used as oneself, unless someone else was asked for.
void finish_ids(Draft& draft) {
  Spec& spec = draft.request.spec;
  const bool is_host = std::holds_alternative<HostRoot>(spec.root.what);
  if (is_host && !draft.userns_given && !draft.user_given) spec.ids.map = KeepId{.with_ranges = false};
  spec.command.keep_own_ids = std::holds_alternative<KeepId>(spec.ids.map) && !draft.user_given;
}

// Whose network it is, theirs are the rights over it: the user namespace is shared, with its ids.
Status finish_joined(Draft& draft) {
  if (!draft.joined) return {};
  Spec& spec = draft.request.spec;
  const Origin origin{draft.joined->typed};
  const ContainerNetwork& network = draft.joined->network;
  spec.joined_namespaces.push_back(
      {.kind = Namespace::kNetwork, .path = network.network_namespace, .origin = origin});
  if (network.user_namespace.empty()) return {};
  if (draft.userns_given)
    return Error(cat("use ", origin_of(draft, {"userns"}).text),
                 cat("the ids are those of the container (", draft.joined->typed, ")"));
  spec.joined_namespaces.push_back(
      {.kind = Namespace::kUser, .path = network.user_namespace, .origin = origin});
  spec.ids = Ids{};
  spec.command.keep_own_ids = !network.maps_root && !draft.user_given;
  spec.fake_root.is_where_root_is_alone = network.maps_only_root;
  return {};
}

CapabilityMask all_of(const std::vector<Said<CapabilityMask>>& list) {
  CapabilityMask mask = 0;
  for (const Said<CapabilityMask>& one : list) mask |= one.value;
  return mask;
}

// As Podman has it, the order does not count: "drop all, add these", "add all, drop these".
Status finish_capabilities(Draft& draft) {
  const CapabilityMask all = all_capabilities();
  for (const Said<CapabilityMask>& added : draft.added) {
    for (const Said<CapabilityMask>& dropped : draft.dropped) {
      if (added.value == dropped.value)
        return Error(cat("use ", added.typed), cat("it contradicts ", dropped.typed));
    }
  }
  CapabilityMask added = all_of(draft.added);
  CapabilityMask dropped = all_of(draft.dropped);
  Capabilities& capabilities = draft.request.spec.command.capabilities;
  if (dropped == all) {
    capabilities.root = 0;
  } else {
    capabilities.root &= ~dropped;
    added &= ~dropped;
  }
  capabilities.root |= added;
  capabilities.any_user = added;
  return {};
}

void finish_environment(Draft& draft) {
  Environment& environment = draft.request.spec.command.environment;
  if (draft.clear_env) environment = Environment{};
  const std::vector<std::string>& of_devices = draft.cdi.environment();
  environment.entries.insert(environment.entries.end(), of_devices.begin(), of_devices.end());
  for (auto* list : {&draft.env_of_files, &draft.env_of_flags}) {
    environment.entries.insert(environment.entries.end(), std::make_move_iterator(list->begin()),
                               std::make_move_iterator(list->end()));
  }
}

Result<std::optional<Mount>> resolv_conf(const Draft& draft, bool is_default) {
  std::optional<Mount> none;
  if (draft.dns.empty()) {
    if (draft.dns_none || !is_default) return none;
    return std::optional(Mount{.what = NetworkFile{.path = "/etc/resolv.conf"}, .origin = {}});
  }
  if (draft.dns_none) {
    return Error(cat("use ", draft.dns_none->typed), cat("it contradicts ", draft.dns[0].typed));
  }
  std::string content;
  for (const Said<std::string>& server : draft.dns) content += cat("nameserver ", server.value, '\n');
  return std::optional(Mount{.what = NetworkFile{.path = "/etc/resolv.conf", .content = std::move(content)},
                             .origin = {draft.dns[0].typed}});
}

Result<std::optional<Mount>> hosts(const Draft& draft, bool is_default) {
  std::optional<Mount> none;
  if (draft.no_hosts) {
    if (draft.host_lines.empty()) return none;
    return Error(cat("use ", origin_of(draft, {"no-hosts"}).text),
                 cat("it contradicts ", origin_of(draft, {"add-host"}).text));
  }
  if (!is_default && draft.host_lines.empty()) return none;
  NetworkFile file{.path = "/etc/hosts", .appended = draft.host_lines};
  if (!is_default) file.content = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";
  // Programs look up their own host's name.
  if (const std::string& own = draft.request.spec.hostname; !own.empty())
    file.appended += cat("127.0.1.1\t", own, '\n');
  return std::optional(Mount{.what = std::move(file), .origin = origin_of(draft, {"add-host"})});
}

// The working directory at its own path, and the command in it. First of what the user asked for, so that
// --hide, --tmpfs and -v below it count.
Status add_here(const Draft& draft, Command& command, std::vector<Mount>& mounts) {
  if (!draft.here) return {};
  const std::string& path = draft.around.working_directory;
  if (path.empty() || path == "/") {
    return Error(cat("share the current directory (", *draft.here, ")"),
                 path.empty() ? "it has no path" : "it is the whole machine");
  }
  mounts.push_back(Mount{.what = Bind{.from = path, .to = path}, .origin = {*draft.here}});
  if (!command.directory) command.directory = path;
  return {};
}

Status finish_mounts(Draft& draft) {
  Spec& spec = draft.request.spec;
  const bool is_full = !draft.is_bare;
  // Without a way out no name of the host's is of any use.
  const bool is_alone = spec.new_namespaces.has(Namespace::kNetwork) && !spec.network.has_helper();
  const auto proc = is_full ? std::optional(ProcMode::kAuto) : std::nullopt;
  Result<std::optional<Mount>> names = resolv_conf(draft, is_full && !is_alone);
  if (!names) return names.error();
  Result<std::optional<Mount>> addresses = hosts(draft, is_full && !is_alone);
  if (!addresses) return addresses.error();
  std::vector<Mount> mounts = default_mounts({.proc = draft.proc.value_or(proc),
                                              .proc_origin = origin_of(draft, {"proc"}),
                                              .sys = draft.sys.value_or(is_full),
                                              .sys_origin = origin_of(draft, {"sys"}),
                                              .cgroup = spec.new_namespaces.has(Namespace::kCgroup),
                                              .dev = draft.dev.value_or(is_full),
                                              .dev_origin = origin_of(draft, {"dev"}),
                                              .temporary = spec.root.read_only && is_full,
                                              .temporary_origin = origin_of(draft, {"read-only"}),
                                              .resolv_conf = *std::move(names),
                                              .hosts = *std::move(addresses)});
  if (Status s = add_here(draft, spec.command, mounts); !s) return s;
  spec.mounts.insert(spec.mounts.begin(), std::make_move_iterator(mounts.begin()),
                     std::make_move_iterator(mounts.end()));
  return {};
}

}  // namespace

Origin origin_of(const Draft& draft, std::initializer_list<std::string_view> names) {
  Origin origin;
  for (const Given& flag : draft.given) {
    if (std::find(names.begin(), names.end(), run_flags()[flag.row].name) == names.end()) continue;
    if (!origin.text.empty()) origin.text += ' ';
    origin.text += flag.typed;
  }
  return origin;
}

Status finish(Draft& draft) {
  const RunRequest& request = draft.request;
  if (request.json && !request.explain && !request.dry_run) {
    return Error(cat("use ", origin_of(draft, {"json"}).text), "it belongs to --explain or --dry-run");
  }
  if (Status s = finish_network(draft); !s) return s;
  if (Status s = finish_namespaces(draft); !s) return s;
  if (Status s = check_bare(draft); !s) return s;
  if (Status s = finish_init(draft); !s) return s;
  if (Status s = finish_landlock(draft); !s) return s;
  finish_ids(draft);
  if (Status s = finish_joined(draft); !s) return s;
  if (Status s = finish_capabilities(draft); !s) return s;
  if (Status s = finish_seccomp(draft); !s) return s;
  if (Status s = draft.cdi.check_groups(draft.request.spec.command.groups == Groups::kKeep); !s) return s;
  finish_environment(draft);
  finish_origins(draft);
  finish_waivers(draft);
  return finish_mounts(draft);
}

}  // namespace kelp::cli
