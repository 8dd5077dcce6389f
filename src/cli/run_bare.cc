// SPDX-License-Identifier: Apache-2.0
// What --bare leaves out and another flag cannot do without. Nothing is added behind the user's back: the
// refusal names the flag to add.
#include <algorithm>
#include <variant>

#include "base/text.h"
#include "cli/draft.h"

namespace kelp::cli {
namespace {

// Refuses `typed` where its namespace is the host's because of --bare; who shares it by name is told so.
Status need(const Draft& draft, Namespace kind, const std::string& typed) {
  if (typed.empty() || draft.request.spec.new_namespaces.has(kind)) return {};
  if (std::ranges::any_of(draft.shared, [=](const auto& shared) { return shared.value == kind; })) return {};
  return Error(cat("use ", typed), cat("--bare makes no ", namespace_name(kind), " namespace"))
      .with_hint(cat("add --unshare=", namespace_name(kind)));
}

bool is_new(ProcMode mode) { return mode == ProcMode::kNew || mode == ProcMode::kPids; }

Status check_mount(const Draft& draft, const Mount& mount) {
  const auto* proc = std::get_if<Proc>(&mount.what);
  if (proc != nullptr && is_new(proc->mode)) return need(draft, Namespace::kPid, mount.origin.text);
  if (std::holds_alternative<Cgroup>(mount.what)) return need(draft, Namespace::kCgroup, mount.origin.text);
  return {};
}

Status check_terminal(const Draft& draft) {
  const Spec& spec = draft.request.spec;
  const bool has_devices =
      draft.dev.value_or(false) || std::ranges::any_of(spec.mounts, [](const Mount& mount) {
        return std::holds_alternative<Devices>(mount.what);
      });
  if (spec.command.terminal != TerminalMode::kAlways || has_devices) return {};
  return Error(cat("use ", origin_of(draft, {"tty"}).text), "--bare makes no /dev")
      .with_hint("add --dev=auto");
}

}  // namespace

Status check_bare(const Draft& draft) {
  if (!draft.is_bare) return {};
  const bool has_init = draft.pid1 && draft.pid1->value != Pid1::kCommand;
  const bool has_proc = draft.proc && *draft.proc && is_new(**draft.proc);
  for (const auto& [kind, typed] :
       {std::pair{Namespace::kUts, origin_of(draft, {"hostname", "domainname"}).text},
        {Namespace::kPid, has_init ? draft.pid1->typed : ""},
        {Namespace::kPid, has_proc ? origin_of(draft, {"proc"}).text : ""}}) {
    if (Status s = need(draft, kind, typed); !s) return s;
  }
  for (const Mount& mount : draft.request.spec.mounts) {
    if (Status s = check_mount(draft, mount); !s) return s;
  }
  return check_terminal(draft);
}

}  // namespace kelp::cli
