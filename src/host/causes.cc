// SPDX-License-Identifier: Apache-2.0
// Causes and remedies; see causes.h.
// Runs in: parent.
#include "host/causes.h"

#include <array>
#include <cerrno>

#include "base/text.h"
#include "host/file_causes.h"
#include "host/namespace_causes.h"
#include "host/range_causes.h"

namespace kelp::host {
namespace {

using Establish = std::optional<Cause> (*)(const Machine&);

// Which look-ups may explain a failure, the more specific first. kAny: whatever errno says.
constexpr int kAny = -1;
struct Row {
  Failed what;
  int code;
  Establish establish;
};

constexpr std::array kTable = {
    Row{Failed::kClone, EINVAL, no_kernel_support},
    Row{Failed::kClone, EPERM, switched_off},
    Row{Failed::kClone, EPERM, in_a_chroot},
    Row{Failed::kClone, EPERM, own_id_not_mapped},
    Row{Failed::kClone, EPERM, restricted_by_apparmor},
    Row{Failed::kClone, EACCES, restricted_by_apparmor},
    Row{Failed::kClone, EPERM, restricted_by_seccomp},
    Row{Failed::kClone, EACCES, restricted_by_seccomp},
    Row{Failed::kClone, ENOSYS, restricted_by_seccomp},
    Row{Failed::kClone, ENOSPC, limit_of_namespaces},
    Row{Failed::kClone, EAGAIN, limit_of_processes},

    Row{Failed::kIdMap, ENOENT, no_proc_here},
    Row{Failed::kIdMap, EPERM, root_without_setfcap},
    Row{Failed::kIdMap, EPERM, own_id_not_mapped},
    Row{Failed::kIdMap, EPERM, restricted_by_apparmor},
    Row{Failed::kIdMap, EACCES, restricted_by_apparmor},

    Row{Failed::kNamespaces, ENOSPC, limit_of_namespaces},
    Row{Failed::kNamespaces, EPERM, restricted_by_apparmor},
    Row{Failed::kNamespaces, EACCES, restricted_by_apparmor},
    Row{Failed::kNamespaces, EPERM, restricted_by_seccomp},

    Row{Failed::kFirstMount, EPERM, restricted_by_apparmor},
    Row{Failed::kFirstMount, EACCES, restricted_by_apparmor},
    Row{Failed::kFirstMount, EPERM, mounts_restricted_by_seccomp},
    Row{Failed::kFirstMount, EPERM, mounts_restricted_by_landlock},

    Row{Failed::kProc, EPERM, proc_is_masked},
    Row{Failed::kProc, EPERM, restricted_by_apparmor},
    Row{Failed::kSysfs, EPERM, sysfs_is_masked},
    Row{Failed::kOverlay, kAny, kernel_without_overlay},
    Row{Failed::kMissingCall, ENOSYS, kernel_too_old},

    Row{Failed::kIdHelper, kAny, helper_gains_nothing},
    Row{Failed::kIdHelper, kAny, no_ranges},
    Row{Failed::kNoHelper, kAny, no_helpers},
    Row{Failed::kNoRange, kAny, no_ranges},

    Row{Failed::kPivot, EINVAL, root_is_initramfs},
    Row{Failed::kProcess, EAGAIN, limit_of_processes},
    Row{Failed::kKeyring, EPERM, keys_restricted_by_seccomp},
    Row{Failed::kOpen, EMFILE, limit_of_descriptors},
};

// What an errno can only mean at that step, where no setting tells it.
std::optional<Cause> by_errno_alone(Failed what, int code) {
  const bool is_namespace = what == Failed::kClone || what == Failed::kNamespaces;
  if (is_namespace && (code == ENOSPC || code == EUSERS)) {
    return Cause{
        .why =
            "the limit of namespaces of this user is reached (sysctl user), or they are nested more than "
            "32 deep",
        .mend = "end other containers, or raise the limit: sudo sysctl -w user.max_user_namespaces=30000"};
  }
  return std::nullopt;
}

}  // namespace

std::string Cause::hint() const { return mend.empty() ? why : cat(why, "; ", mend); }

std::optional<Cause> find_cause(Failed what, int code, const Machine& machine) {
  for (const Row& row : kTable) {
    if (row.what != what || (row.code != kAny && row.code != code)) continue;
    if (std::optional<Cause> cause = row.establish(machine)) return cause;
  }
  return by_errno_alone(what, code);
}

std::string hint_for(Failed what, int code) {
  const std::optional<Cause> cause = find_cause(what, code, Machine::here());
  return cause ? cause->hint() : std::string();
}

}  // namespace kelp::host
