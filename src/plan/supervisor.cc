// SPDX-License-Identifier: Apache-2.0
// Root emulation that keeps what it pretended: where there can be one, and the step that starts it.
#include <linux/capability.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "filters/filters.h"
#include "plan/steps.h"

namespace kelp::plan {
namespace {

FilterProgram program_of(BuiltInFilter filter) {
  const auto code = filters::code_of(filter, filters::this_machine());
  return FilterProgram{.code = FilterCode(code.begin(), code.end())};
}

bool has_own_proc(const Steps& steps) {
  return std::any_of(steps.so_far().begin(), steps.so_far().end(), [](const Step& step) {
    const auto* proc = std::get_if<NewProc>(&step.what);
    return proc != nullptr && proc->to == "/proc";
  });
}

Status check_supervisor(const Spec& spec, const IdMaps& ids, const Steps& steps) {
  const Error refused(cat("use ", spec.fake_root.origin.text), "");
  const auto because = [&](std::string reason) { return Error(refused.action(), std::move(reason)); };
  if (std::holds_alternative<HostRoot>(spec.root.what))
    return because("nothing can be kept of the machine's own files (ROOT host)");
  if (!is_only_root(ids)) {
    return because("the map has other ids than root's, and for those the kernel keeps owners itself")
        .with_hint("--userns=single maps root alone");
  }
  if (!spec.new_namespaces.has(Namespace::kPid) || spec.command.pid1 == Pid1::kCommand)
    return because("it needs a pid namespace of the container's own with kelp's PID 1 in it");
  if (!has_own_proc(steps)) return because("it needs a new proc on /proc");
  if (filters::this_machine() == filters::Machine::kOther)
    return because("kelp has no filters for this machine's architecture");
  return {};
}

// ROOT `empty` is gone at the end, and so is what is kept of it.
std::optional<OwnersFile> owners_file_of(const Spec& spec) {
  const auto* directory = std::get_if<DirectoryRoot>(&spec.root.what);
  const std::optional<Overlay>& overlay = spec.root.overlay;
  OwnersFile file{.root = {}, .origin = spec.fake_root.origin};
  if (overlay && overlay->kept) {
    file.root = *overlay->kept;
  } else if (directory != nullptr) {
    file.root = directory->path;
    file.is_written = !overlay.has_value() && !spec.root.read_only;
  } else {
    return std::nullopt;
  }
  return file;
}

}  // namespace

// To look into processes that hide themselves or that Yama protects, to stand in their root, and to keep
// something of a file whose mode would refuse it.
CapabilityMask rights_of_supervisor(const Spec& spec) {
  if (spec.fake_root.mode != FakeRootMode::kConsistent) return 0;
  CapabilityMask rights = 0;
  for (const int one : {CAP_SYS_PTRACE, CAP_SYS_CHROOT, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID})
    rights |= CapabilityMask{1} << static_cast<unsigned>(one);
  return rights;
}

Status add_supervisor(const Spec& spec, const IdMaps& ids, Steps& steps, Plan& plan) {
  if (Status s = check_supervisor(spec, ids, steps); !s) return s;
  plan.owners_file = owners_file_of(spec);
  steps.add(StartSupervisor{.notifying = program_of(BuiltInFilter::kFakeRootConsistent),
                            .own = program_of(BuiltInFilter::kSupervisor),
                            .rights = rights_of_supervisor(spec)},
            spec.fake_root.origin);
  return {};
}

}  // namespace kelp::plan
