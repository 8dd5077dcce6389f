// SPDX-License-Identifier: Apache-2.0
// Lowers what Landlock is to fence in to the child's step, as far as this kernel's ABI goes, and tells how
// far that is.
#include <linux/mount.h>
#include <sys/mount.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "plan/steps.h"

namespace kelp::plan {
namespace {

// <linux/landlock.h>; that of Debian 12 ends at ABI 2.
constexpr std::uint64_t kExecute = 1U << 0U;
constexpr std::uint64_t kWriteFile = 1U << 1U;
constexpr std::uint64_t kReadFile = 1U << 2U;
constexpr std::uint64_t kReadDir = 1U << 3U;
constexpr std::uint64_t kOfTheFirstAbi = (1U << 13U) - 1;
constexpr std::uint64_t kRefer = 1U << 13U;        // ABI 2
constexpr std::uint64_t kTruncate = 1U << 14U;     // ABI 3
constexpr std::uint64_t kIoctlDev = 1U << 15U;     // ABI 5
constexpr std::uint64_t kResolveUnix = 1U << 16U;  // ABI 9
constexpr std::uint64_t kOfPlainFiles =
    kExecute | kWriteFile | kReadFile | kTruncate | kIoctlDev | kResolveUnix;
constexpr std::uint64_t kReading = kExecute | kReadFile | kReadDir;

constexpr std::uint64_t kBindTcp = 1U << 0U;  // ABI 4
constexpr std::uint64_t kConnectTcp = 1U << 1U;
constexpr std::uint64_t kScopeSockets = 1U << 0U;  // ABI 6
constexpr std::uint64_t kScopeSignals = 1U << 1U;

constexpr int kAbiOfTruncate = 3;
constexpr int kAbiOfPorts = 4;
constexpr int kAbiOfScopes = 6;

std::uint64_t all_file_rights(int abi) {
  std::uint64_t rights = kOfTheFirstAbi;
  if (abi >= 2) rights |= kRefer;
  if (abi >= kAbiOfTruncate) rights |= kTruncate;
  if (abi >= 5) rights |= kIoctlDev;
  if (abi >= 9) rights |= kResolveUnix;
  return rights;
}

std::string since(int abi, std::string_view linux_version) {
  return cat("it came with Landlock ABI ", abi, " (Linux ", linux_version, ")");
}

class Lowering {
 public:
  Lowering(const Landlock& wanted, std::optional<int> abi, Plan& plan)
      : wanted_(wanted), is_there_(abi.has_value()), abi_(abi.value_or(0)), plan_(plan) {}

  RestrictSelf lower(const Spec& spec, const std::vector<Step>& so_far) {
    filters_only_log_ = spec.seccomp.only_log;
    lower_scopes();
    lower_ports(wanted_.connect, kConnectTcp, "TCP connections");
    lower_ports(wanted_.bind, kBindTcp, "TCP listeners");
    if (wanted_.files) lower_files(spec, so_far);
    return std::move(step_);
  }

 private:
  // Notes the item; whether the kernel has at least this ABI.
  bool note(std::string what, int abi, std::string_view linux_version, const Origin& origin) {
    PolicyItem item{.what = std::move(what), .fence = Fence::kLandlock};
    if (abi_ < abi) {
      item.enforcement = Enforcement::kNot;
      item.why =
          is_there_ ? since(abi, linux_version) : "this kernel has no Landlock, or has it switched off";
      warn(item, origin);
    }
    plan_.policy.push_back(std::move(item));
    return abi_ >= abi;
  }

  // What somebody has typed is not left out in silence.
  void warn(const PolicyItem& item, const Origin& origin) {
    if (origin.text.empty()) return;
    plan_.warnings.push_back(cat(origin.text, " is not wholly enforced: ", sentence(item)));
  }

  void lower_scopes() {
    if (wanted_.scope_sockets &&
        note("no abstract socket of the host", kAbiOfScopes, "6.12", wanted_.origin)) {
      step_.scopes |= kScopeSockets;
    }
    if (wanted_.scope_signals &&
        note("no signal to a process outside", kAbiOfScopes, "6.12", wanted_.origin)) {
      step_.scopes |= kScopeSignals;
    }
  }

  void lower_ports(const std::optional<Ports>& ports, std::uint64_t right, std::string_view what) {
    if (!ports) return;
    std::string list;
    for (const std::uint16_t port : ports->allowed) list += cat(list.empty() ? "" : ", ", port);
    const std::string sentence = list.empty()
                                     ? cat("no ", what)
                                     : cat(what, right == kConnectTcp ? " to" : " on",
                                           ports->allowed.size() == 1 ? " port " : " ports ", list, " only");
    if (!note(sentence, kAbiOfPorts, "6.7", ports->origin)) return;
    PolicyItem& item = plan_.policy.back();
    if (right == kBindTcp && !list.empty()) {
      item.enforcement = Enforcement::kPartly;
      item.why = "a socket that was never bound can listen on a port that the kernel picks";
    } else if (filters_only_log_) {
      item.enforcement = Enforcement::kPartly;
      item.why = "MPTCP and TCP fast open are logged only (--seccomp-log)";
      warn(item, ports->origin);
    }
    step_.ports |= right;
    for (const std::uint16_t port : ports->allowed) {
      step_.allowed_ports.push_back({.port = port, .rights = right});
    }
  }

  void lower_files(const Spec& spec, const std::vector<Step>& so_far) {
    all_ = all_file_rights(abi_);
    // In a root that kelp made itself what can be written is known, so that the rest need not be.
    const bool is_kelps_own = std::any_of(so_far.begin(), so_far.end(), [](const Step& step) {
      return std::holds_alternative<TmpfsRoot>(step.what);
    });
    if (!allow_shown(so_far)) allow("/", !spec.root.read_only && !is_kelps_own);
    for (const Step& step : so_far) {
      add_rule(step.what);
      const auto* made = std::get_if<MakeDirectory>(&step.what);
      // Where a mount lies already nothing is made.
      if (made != nullptr && is_kelps_own && !spec.root.read_only && !mounted_.contains(made->to))
        allow(made->to, true);
    }
    std::string writable;
    for (const FileRule& rule : step_.allowed_files) {
      if (rule.rights == all_) writable += cat(writable.empty() ? "" : " ", rule.path);
    }
    if (!note(writable.empty() ? "no file is written, made or removed"
                               : cat("files are written, made and removed below ", writable, " only"),
              1, "5.13", wanted_.origin)) {
      step_.allowed_files.clear();
      return;
    }
    if (abi_ < kAbiOfTruncate) {
      PolicyItem& item = plan_.policy.back();
      item.enforcement = Enforcement::kPartly;
      item.why = cat("files elsewhere can still be emptied: ", since(kAbiOfTruncate, "6.2"));
      warn(item, wanted_.origin);
    } else if (filters_only_log_) {
      PolicyItem& item = plan_.policy.back();
      item.enforcement = Enforcement::kPartly;
      item.why =
          "who may change mounts can give a read-only file other owners and modes, which is logged only "
          "(--seccomp-log)";
      warn(item, wanted_.origin);
    }
    step_.files = all_;
    step_.rights_of_plain_files = kOfPlainFiles;
    plan_.policy.push_back(
        {.what = "no mount is made, moved or taken away inside", .fence = Fence::kLandlock});
  }

  // Where no other root is entered, what is shown of the machine's own.
  bool allow_shown(const std::vector<Step>& so_far) {
    for (const Step& step : so_far) {
      const auto* stay = std::get_if<StayInRoot>(&step.what);
      if (stay == nullptr) continue;
      for (const StayInRoot::Shown& shown : stay->shown) allow(shown.path, shown.is_writable);
      return true;
    }
    return false;
  }

  void add_rule(const Action& action) {
    if (const auto* bind = std::get_if<BindMount>(&action)) {
      // The devices are written through a read-only mount too, which the rule of the /dev around allows.
      // One elsewhere gets a rule of its own.
      const bool is_writable = bind->is_device || (bind->attributes & MOUNT_ATTR_RDONLY) == 0;
      if (!bind->device_number) allow_mount(bind->to, is_writable);
    } else if (const auto* made = std::get_if<NewFilesystem>(&action)) {
      allow_mount(made->to, (made->flags & MS_RDONLY) == 0);
    } else if (const auto* proc = std::get_if<NewProc>(&action)) {
      allow_mount(proc->to, true);
    } else if (const auto* content = std::get_if<BindContent>(&action)) {
      allow_mount(content->to, content->writable);
    }
  }

  void allow_mount(const std::string& path, bool is_writable) {
    mounted_.insert(path);
    allow(path, is_writable);
  }

  // A rule holds for all below, so what the rule of "/" allows needs no other. The last mount on a path is
  // what is there.
  void allow(const std::string& path, bool is_writable) {
    const std::uint64_t rights = is_writable ? all_ : kReading;
    const auto earlier = rule_of_.find(path);
    if (earlier != rule_of_.end()) {
      step_.allowed_files[earlier->second].rights = rights;
      return;
    }
    if (path != "/" && is_allowed_everywhere(rights)) return;
    if (path != "/") rule_of_.emplace(path, step_.allowed_files.size());
    step_.allowed_files.push_back({.path = path, .rights = rights});
  }

  bool is_allowed_everywhere(std::uint64_t rights) const {
    if (step_.allowed_files.empty() || step_.allowed_files.front().path != "/") return false;
    return (step_.allowed_files.front().rights & rights) == rights;
  }

  const Landlock& wanted_;
  const bool is_there_;
  const int abi_;  // 0: none
  Plan& plan_;
  std::uint64_t all_ = 0;
  bool filters_only_log_ = false;
  RestrictSelf step_;
  std::unordered_map<std::string, std::size_t> rule_of_;  // by path; positions in step_
  std::unordered_set<std::string> mounted_;
};

}  // namespace

bool wants_landlock(const Spec& spec) {
  const Landlock& wanted = spec.landlock;
  return wanted.scope_sockets || wanted.scope_signals || wanted.files || wanted.connect || wanted.bind;
}

void plan_landlock(const Spec& spec, const host::Facts& facts, Steps& steps, Plan& plan) {
  if (!wants_landlock(spec)) return;
  RestrictSelf step = Lowering(spec.landlock, facts.landlock_abi, plan).lower(spec, steps.so_far());
  if (step.files == 0 && step.ports == 0 && step.scopes == 0) return;
  const Origin& origin = spec.landlock.connect ? spec.landlock.connect->origin
                         : spec.landlock.bind  ? spec.landlock.bind->origin
                                               : spec.landlock.origin;
  steps.add(std::move(step), origin);
}

}  // namespace kelp::plan
