// SPDX-License-Identifier: Apache-2.0
// Failures of a start in the user's words; see explain.h.
// Runs in: parent.
#include "launch/explain.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <variant>

#include "base/text.h"
#include "host/causes.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/hook.h"
#include "sys/seccomp.h"

namespace kelp::launch {
namespace {

using host::Failed;

// Whose fault a failed step may be, for causes.h; nothing where the sentence says it all.
std::optional<Failed> suspect(const plan::Action& action) {
  if (std::holds_alternative<plan::SetPropagation>(action)) return Failed::kFirstMount;
  if (std::holds_alternative<plan::OverlayRoot>(action)) return Failed::kOverlay;
  if (std::holds_alternative<plan::MountOverlay>(action)) return Failed::kOverlay;
  if (std::holds_alternative<plan::NewProc>(action)) return Failed::kProc;
  if (std::holds_alternative<plan::Pivot>(action)) return Failed::kPivot;
  if (std::holds_alternative<plan::StartReaper>(action)) return Failed::kProcess;
  if (std::holds_alternative<plan::NewKeyring>(action)) return Failed::kKeyring;
  if (std::holds_alternative<plan::LockMounts>(action)) return Failed::kNamespaces;
  if (const auto* mount = std::get_if<plan::MountPlainly>(&action)) {
    if (mount->what.type == "proc") return Failed::kProc;
    if (mount->what.type == "sysfs") return Failed::kSysfs;
    if (mount->what.type == "cgroup2") return Failed::kCgroupMount;
  }
  if (const auto* filesystem = std::get_if<plan::NewFilesystem>(&action)) {
    if (filesystem->type == "cgroup2") return Failed::kCgroupMount;
    if (filesystem->type == "sysfs") return Failed::kSysfs;
  }
  return std::nullopt;
}

// Whether a step uses the source.
bool uses(const plan::Action& action, plan::SourceIndex source) {
  if (const auto* bind = std::get_if<plan::BindMount>(&action)) return bind->source == source;
  if (const auto* mount = std::get_if<plan::MountPlainly>(&action))
    return mount->source == source || mount->otherwise == source;
  if (const auto* node = std::get_if<plan::MakeNode>(&action)) return node->source == source;
  if (const auto* root = std::get_if<plan::BindRoot>(&action)) return root->source == source;
  if (const auto* root = std::get_if<plan::EnterChroot>(&action)) return root->source == source;
  if (const auto* content = std::get_if<plan::BindContent>(&action)) return content->copy_of == source;
  if (const auto* overlay = std::get_if<plan::MountOverlay>(&action)) {
    return overlay->upper == source || overlay->work == source ||
           std::find(overlay->lowers.begin(), overlay->lowers.end(), source) != overlay->lowers.end();
  }
  if (const auto* overlay = std::get_if<plan::OverlayRoot>(&action)) {
    for (const plan::SourceIndex lower : overlay->lowers) {
      if (lower == source) return true;
    }
    return overlay->layer == source;
  }
  return false;
}

std::string origin_of(const plan::SetScheduling& step, std::uint32_t part) {
  const Scheduling& what = step.what;
  switch (static_cast<plan::SetScheduling::Part>(part)) {
    case plan::SetScheduling::kOom: return what.oom_origin.text;
    case plan::SetScheduling::kIo: return what.io->origin.text;
    case plan::SetScheduling::kScheduler: return what.scheduler->origin.text;
    case plan::SetScheduling::kInitialCpus: return what.initial_cpus_origin.text;
    case plan::SetScheduling::kFinalCpus: return what.final_cpus_origin.text;
    case plan::SetScheduling::kMemory: return what.memory->origin.text;
    case plan::SetScheduling::kPersonality: break;
  }
  return what.personality_origin.text;
}

// What the user typed for the step; for the opening of a source, what was typed for the source.
std::string origin_of(const plan::Plan& plan, const child::Report& report) {
  if (report.step >= plan.child.size()) return {};
  const plan::Step& step = plan.child[report.step];
  if (const auto* scheduling = std::get_if<plan::SetScheduling>(&step.what))
    return origin_of(*scheduling, report.index);
  if (const auto* labels = std::get_if<plan::SetLabels>(&step.what))
    return report.index == 0 && !labels->what.apparmor.empty() ? labels->what.apparmor_origin.text
                                                               : labels->what.selinux_origin.text;
  if (!std::holds_alternative<plan::OpenSources>(step.what)) return step.origin.text;
  for (const plan::Step& other : plan.child) {
    if (uses(other.what, report.index)) return other.origin.text;
  }
  return {};
}

Error explain_filter(const plan::Plan& plan, int code) {
  Error error = sys::filter_failure(code);
  for (const plan::Step& step : plan.child) {
    if (std::holds_alternative<plan::InstallFilters>(step.what) && !step.origin.text.empty())
      return std::move(error).after(step.origin.text);
  }
  return error;
}

// Above the hard limit goes only who has a right in the first user namespace, and with descriptors nobody
// above fs.nr_open.
std::string hint_of_limit(const plan::SetLimit& step, int code) {
  const ResourceLimit& limit = step.limit;
  if (code != EPERM) return {};
  if (limit.resource == RLIMIT_NOFILE && ::geteuid() == 0) {
    const auto most = sys::read_proc("/proc/sys/fs/nr_open");
    const auto number = most ? read_decimal(split(*most, '\n')[0], kUnlimited) : std::nullopt;
    if (!number) return {};
    if (limit.hard > *number) return cat("no process has more than ", *number, " here (fs.nr_open)");
  }
  rlimit own{};
  if (::getrlimit(static_cast<__rlimit_resource>(limit.resource), &own) != 0) return {};
  if (limit.hard <= own.rlim_max) return {};
  return cat("it is above your own hard limit, ", own.rlim_max);
}

}  // namespace

Error explain(const plan::Plan& plan, const child::Report& report) {
  Error error =
      Error(report.action, report.reason).with_code(report.code).with_part(report.part, report.object);
  if (report.status != 0) error = std::move(error).with_status(report.status);
  if (std::string origin = origin_of(plan, report); !origin.empty())
    error = std::move(error).after(std::move(origin));
  std::string hint = report.hint;
  if (hint.empty() && report.step < plan.child.size()) {
    const plan::Action& action = plan.child[report.step].what;
    const auto failed = report.code == ENOSYS ? Failed::kMissingCall : suspect(action);
    if (failed) hint = host::hint_for(*failed, report.code);
    if (const auto* limit = std::get_if<plan::SetLimit>(&action)) hint = hint_of_limit(*limit, report.code);
  }
  if (!hint.empty()) error = std::move(error).with_hint(std::move(hint));
  return error;
}

Error explain_not_begun(const child::Report& report, const std::string& path) {
  switch (static_cast<sys::NotExecuted>(report.index)) {
    case sys::NotExecuted::kLauncher: return sys::failure("start the command", report.code);
    case sys::NotExecuted::kFilter: return sys::filter_failure(report.code);
    case sys::NotExecuted::kHook:
      return sys::hook_failure(report.action, static_cast<sys::HookEnd>(report.status), report.code,
                               report.reason)
          .after(cat("hooks.startContainer[", report.step, "]"));
    case sys::NotExecuted::kCommand: break;
  }
  return sys::failure(cat("execute ", path), report.code)
      .with_status(report.code == ENOENT || report.code == ENOTDIR ? kExitNotFound : kExitNotExecutable)
      .with_part(FailedPart::kExecute, path);
}

Error explain_not_executed(const plan::Plan& plan, const child::Report& report, const std::string& path) {
  if (static_cast<sys::NotExecuted>(report.index) == sys::NotExecuted::kFilter)
    return explain_filter(plan, report.code);
  Error error = explain_not_begun(report, path);
  const auto* step = std::get_if<plan::Execute>(&plan.child.back().what);
  if (error.part() != FailedPart::kExecute || step == nullptr || step->argv.empty()) return error;
  return std::move(error).with_part(FailedPart::kExecute, step->argv.front());
}

Error explain_clone(Error failed) {
  Error error = std::move(failed).with_part(FailedPart::kNamespaces, "");
  const int code = error.code();
  std::string hint =
      host::hint_for(code == EAGAIN || code == ENOMEM ? Failed::kProcess : Failed::kClone, code);
  if (!hint.empty()) return std::move(error).with_hint(std::move(hint));
  return error;
}

Error explain_maps(const plan::Plan& plan, Error unmapped) {
  Error error = std::move(unmapped).with_part(FailedPart::kIds, "map");
  const int code = error.code();
  const bool is_shortage = code == EAGAIN || code == ENOMEM;  // the helpers are processes too
  const Failed failed = is_shortage                                    ? Failed::kProcess
                        : plan.ids.writer == plan::MapWriter::kHelpers ? Failed::kIdHelper
                                                                       : Failed::kIdMap;
  std::string hint = host::hint_for(failed, code);
  if (!hint.empty()) return std::move(error).with_hint(std::move(hint));
  return error;
}

}  // namespace kelp::launch
