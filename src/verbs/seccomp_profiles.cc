// SPDX-License-Identifier: Apache-2.0
// Seccomp profiles → programs; see seccomp_profiles.h.
#include "verbs/seccomp_profiles.h"

#include <linux/seccomp.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/text.h"
#include "filters/filters.h"
#include "sys/libseccomp.h"

namespace kelp::verbs {
namespace {

std::uint32_t number_of(const SeccompAction& action) {
  switch (action.kind) {
    case SeccompActionKind::kAllow: return SECCOMP_RET_ALLOW;
    case SeccompActionKind::kLog: return SECCOMP_RET_LOG;
    case SeccompActionKind::kErrno: return SECCOMP_RET_ERRNO | action.data;
    case SeccompActionKind::kTrap: return SECCOMP_RET_TRAP;
    case SeccompActionKind::kTrace: return SECCOMP_RET_TRACE | action.data;
    case SeccompActionKind::kNotify: return SECCOMP_RET_USER_NOTIF;
    case SeccompActionKind::kKillThread: return SECCOMP_RET_KILL_THREAD;
    case SeccompActionKind::kKillProcess: break;
  }
  return SECCOMP_RET_KILL_PROCESS;
}

// enum scmp_compare of seccomp.h.
int number_of(SeccompOperator op) {
  switch (op) {
    case SeccompOperator::kNotEqual: return 1;
    case SeccompOperator::kLess: return 2;
    case SeccompOperator::kLessOrEqual: return 3;
    case SeccompOperator::kEqual: return 4;
    case SeccompOperator::kGreaterOrEqual: return 5;
    case SeccompOperator::kGreater: return 6;
    case SeccompOperator::kMaskedEqual: break;
  }
  return 7;
}

// "SCMP_ARCH_X86_64" → "x86_64".
std::string libseccomps_name(std::string_view architecture) {
  std::string out(architecture.substr(std::string_view("SCMP_ARCH_").size()));
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

// As what is wrong with the profile's form is told, and with a program of BPF.
Error wrong(const Origin& origin, const std::string& path, std::string_view reason) {
  return Error(cat("use ", origin.text.empty() ? "the seccomp profile" : origin.text),
               cat(path, ": ", reason));
}

Status add_rule(const SeccompRule& rule, const Origin& origin, sys::FilterCompiler& compiler,
                std::vector<std::string>& unknown) {
  std::vector<sys::ArgumentComparison> comparisons;
  comparisons.reserve(rule.comparisons.size());
  for (const SeccompComparison& one : rule.comparisons) {
    comparisons.push_back(
        {.argument = one.index, .op = number_of(one.op), .a = one.value, .b = one.value_two});
  }
  for (std::size_t i = 0; i < rule.names.size(); ++i) {
    const std::string path = cat(rule.place, ".names[", i, "]");
    const std::string& name = rule.names[i];
    const std::optional<int> number = compiler.number_of(name);
    if (number) {
      if (Status s = compiler.add_rule(number_of(rule.action), *number, comparisons); !s)
        return wrong(origin, path, cat("libseccomp takes no such rule for ", name, ": ", s.error().reason()));
    } else if (!filters::is_known_call(name)) {
      return wrong(origin, path, cat("'", name, "' is no system call"));
    } else if (rule.action.kind != SeccompActionKind::kAllow) {
      return wrong(origin, path,
                   cat("the installed libseccomp does not know ", name, " and cannot refuse it"));
    } else {
      unknown.push_back(name);
    }
  }
  return {};
}

Result<FilterProgram> compile(const SeccompProfile& profile, const Origin& origin,
                              std::vector<std::string>& unknown) {
  Result<sys::FilterCompiler> compiler = sys::FilterCompiler::open(number_of(profile.default_action));
  if (!compiler) return std::move(compiler.error()).after(origin.text);
  for (std::size_t i = 0; i < profile.architectures.size(); ++i) {
    const std::string& name = profile.architectures[i];
    if (!compiler->add_architecture(libseccomps_name(name)))
      return wrong(origin, cat("architectures[", i, "]"), cat("libseccomp cannot add ", name));
  }
  for (const SeccompRule& rule : profile.rules) {
    // libseccomp refuses a rule that says what is said of all anyway.
    if (rule.action == profile.default_action) continue;
    if (Status s = add_rule(rule, origin, *compiler, unknown); !s) return s.error();
  }
  Result<std::string> bytes = compiler->bytes();
  if (!bytes) return std::move(bytes.error()).after(origin.text);
  std::optional<FilterCode> code = read_filter_code(*bytes);
  if (!code)
    return Error("compile a seccomp profile", "libseccomp wrote half an instruction").after(origin.text);
  const bool notifies = std::ranges::any_of(
      profile.rules, [](const SeccompRule& rule) { return rule.action.kind == SeccompActionKind::kNotify; });
  return FilterProgram{.code = *std::move(code), .flags = profile.flags, .notifies = notifies};
}

}  // namespace

Result<std::vector<std::string>> compile_profiles(Seccomp& seccomp) {
  std::vector<std::string> warnings;
  for (Filter& filter : seccomp.filters) {
    const auto* profile = std::get_if<SeccompProfile>(&filter.what);
    if (profile == nullptr) continue;
    std::vector<std::string> unknown;
    Result<FilterProgram> program = compile(*profile, filter.origin, unknown);
    if (!program) return program.error();
    filter.what = *std::move(program);
    if (unknown.empty()) continue;
    std::sort(unknown.begin(), unknown.end());
    unknown.erase(std::unique(unknown.begin(), unknown.end()), unknown.end());
    warnings.push_back(cat("the installed libseccomp does not know ", join(unknown, ", "),
                           ": they get the default answer of the profile (", filter.origin.text, ")"));
  }
  return warnings;
}

}  // namespace kelp::verbs
