// SPDX-License-Identifier: Apache-2.0
// Security modules, on machines built on disk.
#include "built_machine.h"
#include "host/security_modules.h"

namespace kelp::host {
namespace {

class SecurityModules : public BuiltMachine {};

TEST_F(SecurityModules, AreThereWhereTheyAreSwitchedOn) {
  EXPECT_FALSE(has_apparmor(machine_));
  EXPECT_FALSE(has_selinux(machine_));
  put("sys/module/apparmor/parameters/enabled", "Y\n");
  put("sys/fs/selinux/enforce", "0");
  EXPECT_TRUE(has_apparmor(machine_));
  EXPECT_TRUE(has_selinux(machine_));
}

TEST_F(SecurityModules, AreNotThereWhereTheKernelHasThemAndTheyAreOff) {
  put("sys/module/apparmor/parameters/enabled", "N\n");
  EXPECT_FALSE(has_apparmor(machine_));
}

}  // namespace
}  // namespace kelp::host
