// SPDX-License-Identifier: Apache-2.0
// Spec: what the user wants, whichever dialect said it. Plain values; member initialisers mean "nothing asked
// for". cli/defaults.cc alone holds the defaults of `kelp run`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spec/fake_root.h"
#include "spec/fences.h"
#include "spec/foreign.h"
#include "spec/hooks.h"
#include "spec/ids.h"
#include "spec/ladder.h"
#include "spec/landlock.h"
#include "spec/managed_cgroup.h"
#include "spec/mounts.h"
#include "spec/namespaces.h"
#include "spec/network.h"
#include "spec/process.h"
#include "spec/resources.h"
#include "spec/root.h"
#include "spec/seccomp.h"

namespace kelp {

enum class MountPropagation { kPrivate, kSlave, kShared, kUnbindable };

// Where the fields without an origin of their own came from.
struct Origins {
  Origin namespaces, network, clocks, names, rights, session, init, directory, umask, timeout;
  Origin hostname, domainname, report, preserved_fds;
  bool operator==(const Origins&) const = default;
};

struct Spec {
  Root root;
  NamespaceSet new_namespaces;
  std::vector<JoinedNamespace> joined_namespaces;
  std::optional<EnteredContainer> entered;  // then only the command and its fences count
  std::optional<TimeOffsets> time_offsets;
  Ids ids;
  std::vector<Mount> mounts;  // in the order in which they are done
  MountPropagation propagation = MountPropagation::kPrivate;
  bool shares_root_alone = false;  // kShared and kUnbindable are of the root's mount, not of those in it
  // Where the map holds the machine's root: hide and write-protect parts of proc and sys.
  bool mask_real_root = false;
  // Where a mount covers something of the host's: nothing inside can make it come off, not even by outliving
  // the container with a descriptor.
  bool lock_mounts = false;
  int pid_namespace_fd = -1;         // the pid namespace to be in (>= 0), or to make one below
  int user_namespace_after_fd = -1;  // a user namespace that is entered when all is mounted
  bool loopback_up = false;          // in a new network namespace
  bool stays = false;                // the container outlives kelp: nothing ends with it, nothing is put away
  Network network;
  std::string hostname;  // empty: as it is
  std::string domainname;
  std::vector<Sysctl> sysctls;
  std::vector<MovedNetDevice> net_devices;
  Hooks hooks;
  Command command;
  Landlock landlock;
  Seccomp seccomp;
  FakeRoot fake_root;
  Resources resources;
  std::optional<ManagedCgroup> managed_cgroup;  // instead of `resources`
  int report_fd = -1;                           // --report; -1: none
  std::vector<Requirement> required;            // fences that must hold wholly
  std::vector<Waiver> waived;                   // why one is not there, the nearest reason first
  std::optional<Fallback> fallback;             // none: full strength, or no start
  std::vector<int> parent_fds;  // inherited descriptors that only kelp's parent half uses, sorted
  Origins origins;
  bool operator==(const Spec&) const = default;
};

}  // namespace kelp
