// SPDX-License-Identifier: Apache-2.0
// Causes and remedies: why this machine refused a step, found out after it has failed, so that a start that
// works pays nothing. A cause is told only where it is established: by a setting that was read, or because
// the kernel has no other reason for that errno. Runs in: parent.
#pragma once

#include <optional>
#include <string>

#include "host/machine.h"

namespace kelp::host {

// What failed. doctor tries each of the first group for real.
enum class Failed {
  kClone,        // making the user namespace
  kIdMap,        // writing uid_map, gid_map or setgroups ourselves
  kNamespaces,   // making the other namespaces
  kFirstMount,   // the first mount call: setting the propagation
  kProc,         // a new proc
  kSysfs,        // a new sysfs
  kCgroupMount,  // a new cgroup2
  kOverlay,      // mounting an overlay, or removing something in it
  kMissingCall,  // any step, by a system call that the kernel does not know

  kIdHelper,  // newuidmap or newgidmap was started and failed
  kNoHelper,  // a range is wanted, and there is no newuidmap or newgidmap
  kNoRange,   // a range is wanted, and /etc/subuid or /etc/subgid has none
  kPivot,     // pivot_root
  kProcess,   // a fork or exec for lack of processes
  kKeyring,   // a session keyring
  kOpen,      // any step, for lack of descriptors
};

struct Cause {
  std::string why;   // a sentence without its full stop
  std::string mend;  // the command or setting; may have several, joined by "or"; empty: there is none
  bool operator==(const Cause&) const = default;

  // "WHY; MEND": what follows "hint: ".
  std::string hint() const;
};

// `code` is the errno (0: not known).
std::optional<Cause> find_cause(Failed what, int code, const Machine& machine);

// The same for this machine, as a hint; empty: no cause is established.
std::string hint_for(Failed what, int code);

}  // namespace kelp::host
