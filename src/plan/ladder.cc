// SPDX-License-Identifier: Apache-2.0
// Which rung a container stands on, and its Spec there; see ladder.h. What a rung cannot express and somebody
// has asked for is refused; of kelp's own defaults it is told.
#include "plan/ladder.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "plan/build.h"

namespace kelp::plan {
namespace {

constexpr int kAbiOfTruncate = 3;  // before it every file of the user's can be emptied
constexpr int kAbiOfScopes = 6;
constexpr int kAbiOfUnixSockets = 9;  // LANDLOCK_ACCESS_FS_RESOLVE_UNIX

bool is_typed(const Origin& origin) { return !origin.text.empty(); }

const Proc* proc_of(const Spec& spec) {
  for (const Mount& mount : spec.mounts) {
    if (const auto* proc = std::get_if<Proc>(&mount.what)) return proc;
  }
  return nullptr;
}

bool wants_own_proc(const Spec& spec) {
  const Proc* proc = proc_of(spec);
  return proc != nullptr && proc->mode != ProcMode::kHost && spec.new_namespaces.has(Namespace::kPid);
}

Rung highest(const Spec& spec, const host::LadderFacts& here) {
  if (here.has_namespaces) return here.has_own_proc || !wants_own_proc(spec) ? Rung::kFull : Rung::kOuterProc;
  return best_rung(here, std::holds_alternative<DirectoryRoot>(spec.root.what));
}

std::string because_of(const host::LadderFacts& here) {
  return here.why.empty() ? here.missing : cat(here.missing, ": ", here.why);
}

class Lowering {
 public:
  Lowering(const Spec& asked, const host::Facts& facts, Rung rung)
      : asked_(asked), facts_(facts), here_(*facts.ladder), rung_(rung), shown_(asked, facts) {
    out_.rung = rung;
    out_.spec = asked;
  }

  Result<Descent> lower() {
    out_.because = because_of(here_);
    if (rung_ == Rung::kOuterProc) {
      lower_proc();
    } else {
      lower_root();
      lower_namespaces();
      lower_mounts();
      lower_process();
      lower_rights();
      out_.shown = std::move(shown_).take();
    }
    if (!problems_.empty()) return Error::all_of(std::move(problems_));
    return std::move(out_);
  }

 private:
  // `needed` is the lowest rung that could.
  void refuse(const std::string& typed, std::string_view why, Rung needed = Rung::kOuterProc) {
    // A flag can mean several things; the first tells enough.
    if (!refused_.insert(typed).second) return;
    Error error(cat("use ", typed),
                cat(why, " on the rung ", rung_name(rung_), "; ", rung_name(needed), " could"));
    // Once is enough: the cause is the same for all.
    if (problems_.empty()) error = std::move(error).with_hint(hint());
    problems_.push_back(std::move(error));
  }
  void refuse_if_typed(const Origin& origin, std::string_view why) {
    if (is_typed(origin)) refuse(origin.text, why);
  }
  std::string hint() const {
    const std::string why = because_of(here_);
    return here_.mend.empty() ? why : cat(why, "; ", here_.mend);
  }

  void give_up(std::string what, std::optional<Fence> fence = std::nullopt) {
    out_.policy.push_back({.what = std::move(what),
                           .enforcement = Enforcement::kNot,
                           .why = cat("the rung ", rung_name(rung_), " has none"),
                           .fence = fence});
  }

  void lower_proc() {
    for (Mount& mount : out_.spec.mounts) {
      auto* proc = std::get_if<Proc>(&mount.what);
      if (proc == nullptr) continue;
      if (proc->mode != ProcMode::kAuto)
        return refuse(mount.origin.text, "the /proc is the outer one", Rung::kFull);
      proc->mode = ProcMode::kHost;
    }
    give_up("a proc that shows its own processes only", Fence::kProc);
  }

  void lower_root() {
    const Root& root = asked_.root;
    if (rung_ == Rung::kLandlock && !std::holds_alternative<HostRoot>(root.what)) {
      const bool is_directory = std::holds_alternative<DirectoryRoot>(root.what);
      refuse(cat("ROOT ", root.origin.text), "there is no other root than the machine's own (ROOT host)",
             is_directory ? Rung::kChroot : Rung::kOuterProc);
    }
    if (root.overlay) refuse(root.overlay->origin.text, "nothing can be mounted");
    // chmod, chown and xattrs are none of Landlock's rights.
    if (root.read_only && !std::holds_alternative<HostRoot>(root.what))
      refuse("--read-only", "owners and modes cannot be guarded");
  }

  void lower_namespaces() {
    const auto has = [&](Namespace kind) { return asked_.new_namespaces.has(kind); };
    const bool has_connection = !std::holds_alternative<NoConnection>(asked_.network.connection);
    if (has(Namespace::kNetwork) || has_connection)
      refuse(has_connection ? asked_.network.origin.text : asked_.origins.network.text,
             "the network is the outer one");
    if (has(Namespace::kTime)) refuse(asked_.origins.clocks.text, "the clocks are the outer ones");
    refuse_if_typed(asked_.origins.names, "the names are the outer ones");
    refuse_if_typed(asked_.ids.origin, "no ids are mapped");
    if (asked_.propagation != MountPropagation::kPrivate) refuse("--propagation", "nothing can be mounted");
    for (const NamespaceInfo& info : all_namespaces()) {
      if (has(info.kind)) give_up(cat("its own ", info.name, " namespace"), fence_of(info.kind));
      out_.spec.new_namespaces.remove(info.kind);
    }
    out_.spec.loopback_up = false;
    out_.spec.network = {};
    out_.spec.hostname.clear();
    out_.spec.domainname.clear();
    out_.spec.lock_mounts = false;
    out_.spec.mask_real_root = false;
  }

  void lower_mounts() {
    const bool is_landlock = rung_ == Rung::kLandlock;
    for (const Mount& mount : asked_.mounts) {
      const auto* proc = std::get_if<Proc>(&mount.what);
      const bool is_own_proc = proc != nullptr && proc->mode != ProcMode::kHost;
      if (is_own_proc) give_up("a proc that shows its own processes only", Fence::kProc);
      if (!is_typed(mount.origin)) continue;
      if (proc != nullptr && proc->mode == ProcMode::kAuto) continue;
      if (is_own_proc) {
        refuse(mount.origin.text, "there is no /proc but the outer one", Rung::kFull);
        continue;
      }
      std::string why = "nothing can be mounted";
      if (is_landlock) {
        const auto* bind = std::get_if<Bind>(&mount.what);
        const auto* hidden = std::get_if<Hide>(&mount.what);
        if (bind != nullptr) why = shown_.show(*bind, mount.origin);
        if (hidden != nullptr) why = shown_.hide(*hidden);
        const bool is_there = (proc != nullptr) || std::holds_alternative<Sysfs>(mount.what) ||
                              std::holds_alternative<Devices>(mount.what);
        if (is_there) why.clear();
      }
      if (!why.empty()) refuse(mount.origin.text, why);
    }
    out_.spec.mounts.clear();
    if (is_landlock) {
      give_up("a /tmp, /var and home directory of its own");
    } else {
      give_up("a /dev, /sys and network files of its own");
      give_up("no device node in ROOT can be used");
    }
  }

  void lower_process() {
    Command& command = out_.spec.command;
    refuse_if_typed(asked_.origins.init, "there is no PID 1 of its own");
    command.pid1 = Pid1::kCommand;
    if (command.terminal == TerminalMode::kAlways) refuse("--tty", "there is no terminal of its own");
    command.terminal = TerminalMode::kNever;
    for (const int fd : command.preserved_fds) {
      const host::HostFile* file = facts_.file(descriptor_path(fd));
      // Owners and modes, which Landlock does not guard, could be changed through it.
      if (file != nullptr && file->kind == host::FileKind::kDirectory)
        refuse(asked_.origins.preserved_fds.text, cat("descriptor ", fd, " is a directory, and a way out"));
    }
    if (rung_ == Rung::kLandlock && is_typed(command.user.origin))
      refuse(command.user.origin.text, "the user stays who it is");
    command.keep_own_ids = rung_ == Rung::kLandlock;
  }

  void lower_rights() {
    Command& command = out_.spec.command;
    if (command.new_privileges) refuse("--new-privileges", "without no_new_privs nothing holds");
    const CapabilityMask most = most_capabilities(rung_, here_.may_kill);
    if ((command.capabilities.any_user & ~most) != 0)
      refuse(asked_.origins.rights.text,
             cat(capability_names(command.capabilities.any_user & ~most), " would lead out"));
    if (rung_ == Rung::kChroot && !here_.may_kill && command.user.user != User{}.user)
      refuse(command.user.origin.text, "without CAP_KILL kelp could not end a command of another user");
    if (rung_ == Rung::kChroot && is_asked_for(asked_.fake_root))
      refuse(asked_.fake_root.origin.text, "root is real, and nothing need be pretended");
    command.capabilities.root &= most;
    command.capabilities.any_user &= most;
    lower_landlock();
    lower_filters();
  }

  void lower_landlock() {
    for (const Waiver& waiver : asked_.waived) {
      if (waiver.fence == Fence::kLandlock) refuse(waiver.origin.text, "Landlock is all that holds");
    }
    const int least = rung_ == Rung::kLandlock ? kAbiOfTruncate : 1;
    if (facts_.landlock_abi.value_or(0) < least) {
      problems_.push_back(
          Error(cat("start on the rung ", rung_name(rung_), " (", asked_.fallback->origin.text, ")"),
                facts_.landlock_abi
                    ? cat("it needs Landlock ABI ", least, ", and this kernel has ABI ", *facts_.landlock_abi)
                    : "it is made of Landlock, which this kernel lacks or has switched off")
              .with_hint(hint()));
    }
    out_.policy.push_back(
        {.what = "nothing of the files outside is changed",
         .enforcement = Enforcement::kPartly,
         .why = rung_ == Rung::kChroot
                    ? "owner, mode and attributes of what is passed as a descriptor can be"
                    : "Landlock guards what is in them, not their owners, modes, times and attributes",
         .fence = Fence::kPaths});
    out_.spec.landlock.files = true;
    out_.spec.landlock.scope_sockets = true;
    out_.spec.landlock.scope_signals = true;
  }

  void lower_filters() {
    Seccomp& seccomp = out_.spec.seccomp;
    if (seccomp.only_log) refuse(seccomp.log_origin.text, "the filters are what holds");
    for (const GivenBack& given : seccomp.given_back) refuse(given.origin.text, "nothing can be given back");
    for (const Waiver& waiver : asked_.waived) {
      if (waiver.fence == Fence::kSeccomp) refuse(waiver.origin.text, "the filters are what holds");
    }
    std::vector<BuiltInFilter> ours = {BuiltInFilter::kNoNesting, BuiltInFilter::kNoPtrace,
                                       BuiltInFilter::kNoKeyring, BuiltInFilter::kNoIoUring,
                                       BuiltInFilter::kNoIpc};
    // The sockets of the user's own daemons lie in the file system; who may speak to one (D-Bus, docker) has
    // something started outside. In a chroot only abstract ones are within reach, where there is no scope.
    const int least = rung_ == Rung::kLandlock ? kAbiOfUnixSockets : kAbiOfScopes;
    if (facts_.landlock_abi.value_or(0) < least) ours.push_back(BuiltInFilter::kNoUnixSockets);
    std::vector<Filter> filters;
    filters.reserve(ours.size());
    for (const BuiltInFilter set : ours) filters.push_back({.what = set, .origin = asked_.fallback->origin});
    seccomp.filters.insert(seccomp.filters.begin(), filters.begin(), filters.end());
  }

  const Spec& asked_;
  const host::Facts& facts_;
  const host::LadderFacts& here_;
  const Rung rung_;
  Shown shown_;
  Descent out_;
  std::vector<Error> problems_;
  std::unordered_set<std::string> refused_;
};

}  // namespace

Rung best_rung(const host::LadderFacts& here, bool root_is_directory) {
  if (here.has_namespaces) return here.has_own_proc ? Rung::kFull : Rung::kOuterProc;
  return root_is_directory && here.may_chroot ? Rung::kChroot : Rung::kLandlock;
}

Result<Descent> descend(const Spec& spec, const host::Facts& facts) {
  const Rung rung = highest(spec, *facts.ladder);
  if (rung == Rung::kFull)
    return Descent{.rung = rung, .because = {}, .spec = spec, .shown = {}, .policy = {}};
  if (rung > spec.fallback->lowest) {
    Error error(
        cat("start on the rung ", rung_name(spec.fallback->lowest), " (", spec.fallback->origin.text, ")"),
        because_of(*facts.ladder));
    const std::string& mend = facts.ladder->mend;
    return mend.empty() ? error : std::move(error).with_hint(mend);
  }
  return Lowering(spec, facts, rung).lower();
}

void need_for_ladder(const Spec& spec, host::Needs& needs) {
  if (!spec.fallback) return;
  needs.ladder = true;
  needs.landlock = true;
  for (const int fd : spec.command.preserved_fds) needs.files.push_back(descriptor_path(fd));
  for (const Mount& mount : spec.mounts) {
    if (const auto* hide = std::get_if<Hide>(&mount.what)) needs.real_paths.push_back(hide->path);
    if (const auto* bind = std::get_if<Bind>(&mount.what); bind != nullptr && bind->from_fd < 0)
      needs.real_paths.push_back(bind->from);
  }
}

}  // namespace kelp::plan
