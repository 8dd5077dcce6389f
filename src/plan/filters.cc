// SPDX-License-Identifier: Apache-2.0
// Lowers the filters of a Spec to programs that the kernel takes.
#include "filters/filters.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/text.h"
#include "filters/answer.h"
#include "plan/steps.h"

namespace kelp::plan {
namespace {

GivingSets sets_of(const Seccomp& seccomp) {
  GivingSets sets = 0;
  for (const GivenBack& one : seccomp.given_back) sets |= bit_of(one.set);
  return sets;
}

Result<FilterProgram> program_of(BuiltInFilter filter, GivingSets given_back, const Origin& origin) {
  const auto machine = filters::this_machine();
  const auto code = filter == BuiltInFilter::kDefault ? filters::default_code(given_back, machine)
                                                      : filters::code_of(filter, machine);
  if (!code.empty()) return FilterProgram{.code = FilterCode(code.begin(), code.end())};
  return Error(origin.text.empty() ? "filter system calls" : cat("use ", origin.text),
               "kelp has no filters for this machine's architecture")
      .with_hint("--seccomp=none starts without, --seccomp=FILE with your own");
}

// "no-ptrace", "default minus @io-uring and @keyring".
std::string name_of(BuiltInFilter filter, GivingSets given_back) {
  std::string name(built_in_filter_name(filter));
  if (filter != BuiltInFilter::kDefault || given_back == 0) return name;
  std::vector<std::string> sets;
  for (std::size_t i = 0; i < kGivingSets; ++i) {
    const auto set = static_cast<GivingSet>(i);
    if ((given_back & bit_of(set)) != 0) sets.push_back(cat("@", giving_set_name(set)));
  }
  return cat(name, " minus ", join(sets, " and "));
}

std::string_view given_back_by(GivingSet set) {
  switch (set) {
    case GivingSet::kIoUring:
      return "io_uring is given back, and no filter sees what goes through it: sockets of any family, for "
             "one";
    case GivingSet::kPerf: return "perf_event_open is given back";
    case GivingSet::kKeyring:
      return "the calls for keys are given back, and with them the keys of your user keyring";
  }
  return "";
}

// No fence: who gives something back and requires seccomp means the filter that is left.
void tell_given_back(const Seccomp& seccomp, Policy& policy) {
  GivingSets told = 0;
  for (const GivenBack& one : seccomp.given_back) {
    if ((told & bit_of(one.set)) != 0) continue;
    told |= bit_of(one.set);
    policy.push_back({.what = "what the default filter refuses",
                      .enforcement = Enforcement::kPartly,
                      .why = cat(given_back_by(one.set), " (", one.origin.text, ")")});
  }
}

void add_origin(const Origin& one, std::string& to) {
  if (one.text.empty() || to.ends_with(one.text)) return;
  if (!to.empty()) to += ' ';
  to += one.text;
}

// What is not allowed is logged instead, and done.
void make_log(FilterCode& code) {
  for (FilterInstruction& one : code) {
    if (one.code == (BPF_RET | BPF_K) && one.operand != SECCOMP_RET_ALLOW) one.operand = SECCOMP_RET_LOG;
  }
}

// Sets alone leave all other system calls open: who said "none" has no filter in the sense of --require.
bool is_whole(const Seccomp& seccomp) {
  return std::any_of(seccomp.filters.begin(), seccomp.filters.end(), [](const Filter& filter) {
    const auto* built_in = std::get_if<BuiltInFilter>(&filter.what);
    return built_in == nullptr || *built_in == BuiltInFilter::kDefault;
  });
}

struct Refusal {
  bool kills = false;
  int code = 0;  // of errno, where it does not kill
};

// How the programs certainly refuse the call. Of several answers the kernel takes the least, as a signed
// number (seccomp_run_filters() in kernel/seccomp.c).
std::optional<Refusal> refusal_of(const std::vector<FilterProgram>& programs, std::uint32_t number) {
  const bool is_answered = std::ranges::any_of(programs, &FilterProgram::notifies);
  std::uint32_t strictest = SECCOMP_RET_ALLOW;
  for (const FilterProgram& program : programs) {
    const auto answer = filters::answer_to(program.code, number);
    if (answer && static_cast<std::int32_t>(*answer) < static_cast<std::int32_t>(strictest))
      strictest = *answer;
  }
  switch (strictest & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
    case SECCOMP_RET_LOG:
    case SECCOMP_RET_TRACE: return std::nullopt;  // who started kelp may trace it
    case SECCOMP_RET_ERRNO: return Refusal{.code = static_cast<int>(strictest & SECCOMP_RET_DATA)};
    case SECCOMP_RET_USER_NOTIF:  // of a program that nobody listens to
      return is_answered ? std::nullopt : std::optional(Refusal{.code = ENOSYS});
    default: return Refusal{.kills = true};  // TRAP too: nobody handles its SIGSYS before the exec
  }
}

std::string name_of_command(const Plan& plan) {
  for (const Step& step : plan.child) {
    const auto* execute = std::get_if<Execute>(&step.what);
    if (execute != nullptr && !execute->argv.empty()) return execute->argv[0];
  }
  return "the command";
}

// With what Landlock's rules for ports and for files and its scope of signals do not see.
Seccomp filters_of(const Spec& spec) {
  const Landlock& landlock = spec.landlock;
  Seccomp seccomp = spec.seccomp;
  const auto add = [&](BuiltInFilter filter, const Origin& origin) {
    seccomp.filters.insert(seccomp.filters.begin(), Filter{.what = filter, .origin = origin});
  };
  if (landlock.bind && landlock.bind->allowed.empty()) add(BuiltInFilter::kNoListen, landlock.bind->origin);
  if (landlock.connect || landlock.bind) {
    add(BuiltInFilter::kNoOtherTcp, landlock.connect ? landlock.connect->origin : landlock.bind->origin);
  }
  if (landlock.scope_signals) add(BuiltInFilter::kNoOtherProcess, landlock.origin);
  if (landlock.files) add(BuiltInFilter::kNoMountChanges, landlock.origin);
  return seccomp;
}

// What the filters are to the policy; those that only log are made to.
void note_filters(const Seccomp& seccomp, InstallFilters& install, Policy& policy) {
  PolicyItem item{.what = cat("a filter of system calls (", join(install.names, ", "),
                              is_whole(seccomp) ? ")" : "; it leaves open all other calls)"),
                  .fence = is_whole(seccomp) ? std::optional(Fence::kSeccomp) : std::nullopt};
  if (seccomp.only_log) {
    for (FilterProgram& program : install.programs) make_log(program.code);
    item.enforcement = Enforcement::kNot;
    item.why = "what it refuses is logged, and done (--seccomp-log)";
  }
  policy.push_back(std::move(item));
  if (!seccomp.only_log) tell_given_back(seccomp, policy);
}

void note_emulation(Policy& policy) {
  policy.push_back(
      {.what = "what programs inside give up of their own rights",
       .enforcement = Enforcement::kPartly,
       .why = "root emulation answers setuid, setgid, setgroups and capset with success and does not "
              "do them (--fake-root=off does without)"});
}

// In front of the others: among equal answers the kernel takes that of the last one installed, and who
// refuses a call wants it refused. Never only logged: it would not pretend then.
Status add_emulation(const FakeRoot& fake_root, InstallFilters& install, Policy& policy) {
  Result<FilterProgram> program = program_of(BuiltInFilter::kFakeRoot, 0, fake_root.origin);
  // Where nobody has asked for it, it is no reason not to start.
  if (!program && fake_root.mode == FakeRootMode::kAuto) return {};
  if (!program) return program.error();
  install.programs.insert(install.programs.begin(), *std::move(program));
  install.names.emplace(install.names.begin(), "root emulation");
  note_emulation(policy);
  return {};
}

}  // namespace

bool closes_keys(const Seccomp& seccomp) {
  if (seccomp.only_log) return false;
  return std::any_of(seccomp.filters.begin(), seccomp.filters.end(), [&](const Filter& filter) {
    const auto* built_in = std::get_if<BuiltInFilter>(&filter.what);
    if (built_in == nullptr) return false;
    const bool gives_keys = (sets_of(seccomp) & bit_of(GivingSet::kKeyring)) != 0;
    return *built_in == BuiltInFilter::kNoKeyring || (*built_in == BuiltInFilter::kDefault && !gives_keys);
  });
}

Status add_filters(const Spec& spec, const IdMaps& ids, FilterTime time, Steps& steps, Plan& plan) {
  const Seccomp seccomp = filters_of(spec);
  InstallFilters install{.programs = {}, .time = time, .names = {}};
  const GivingSets given_back = sets_of(seccomp);
  Origin origin;
  for (const Filter& filter : seccomp.filters) {
    if (const auto* program = std::get_if<FilterProgram>(&filter.what)) {
      install.programs.push_back(*program);
      if (program->notifies) {
        install.time = FilterTime::kHere;
        plan.listener = seccomp.listener;
      }
      install.names.emplace_back("the caller's own");
    } else if (const auto* built_in = std::get_if<BuiltInFilter>(&filter.what)) {
      Result<FilterProgram> ready = program_of(*built_in, given_back, filter.origin);
      if (!ready) return ready.error();
      install.programs.push_back(*std::move(ready));
      install.names.push_back(name_of(*built_in, given_back));
    }
    add_origin(filter.origin, origin.text);
  }
  for (const GivenBack& one : seccomp.given_back) add_origin(one.origin, origin.text);
  if (!install.programs.empty()) note_filters(seccomp, install, plan.policy);
  if (emulates_root(spec, ids)) {
    const bool is_kept = spec.fake_root.mode == FakeRootMode::kConsistent;
    if (is_kept) note_emulation(plan.policy);
    if (Status s = is_kept ? add_supervisor(spec, ids, steps, plan)
                           : add_emulation(spec.fake_root, install, plan.policy);
        !s)
      return s;
    if (!is_kept) add_origin(spec.fake_root.origin, origin.text);
  }
  if (!install.programs.empty()) steps.add(std::move(install), origin);
  return {};
}

// A child whose execve is refused could neither say so nor end: write and exit_group are refused then too.
// One that it kills would look like a command that was killed.
Status check_filters(Plan& plan) {
  for (const Step& step : plan.child) {
    const auto* install = std::get_if<InstallFilters>(&step.what);
    if (install == nullptr) continue;
    if (const auto refusal = refusal_of(install->programs, SYS_execve)) {
      const std::string name = name_of_command(plan);
      Error error = refusal->kills
                        ? Error(cat("execute ", name), "the filter of system calls kills who calls execve")
                        : Error(cat("execute ", name), "the filter of system calls refuses execve")
                              .with_code(refusal->code);
      return std::move(error).with_part(FailedPart::kExecute, name).after(step.origin.text);
    }
    if (!refusal_of(install->programs, SYS_exit_group)) continue;
    plan.warnings.push_back(
        cat("the filter of system calls refuses exit_group: most programs can then end "
            "by a signal only (",
            step.origin.text, ")"));
  }
  return {};
}

}  // namespace kelp::plan
