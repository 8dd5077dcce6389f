// SPDX-License-Identifier: Apache-2.0
// What config.json does not say, and its meaning depends on: who calls, with which flags, on which machine.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "spec/capabilities.h"
#include "spec/managed_cgroup.h"

namespace kelp::oci {

struct Surroundings {
  std::string bundle;  // an absolute path
  std::string id;      // of the container
  // The caller has CAP_SYS_ADMIN in its own user namespace and is uid 0 there: it needs no new one.
  bool has_rights = false;
  bool is_real_root = false;  // and that user namespace is the machine's first
  // Those that the caller could pass on without a user namespace of the container's own.
  CapabilityMask own_capabilities = all_capabilities();
  CgroupManager cgroup_manager = CgroupManager::kFiles;
  // Asked only where a label is asked for; none: there is no such module.
  std::function<bool()> has_apparmor;
  std::function<bool()> has_selinux;
  bool new_keyring = true;         // --no-new-keyring takes it away
  std::vector<int> preserved_fds;  // --preserve-fds, those of LISTEN_FDS
  bool stays = false;              // the container outlives this process
};

}  // namespace kelp::oci
