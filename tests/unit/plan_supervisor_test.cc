// SPDX-License-Identifier: Apache-2.0
// Where what is pretended is kept: the step that starts the supervisor, its rights, and the file beside ROOT.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>

#include "plan/describe.h"
#include "unit/plan_build.h"

namespace kelp::plan {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

Words with(Words flags) {
  flags.insert(flags.begin(), {"--userns=single", "--fake-root=consistent"});
  return flags;
}

TEST(Supervisor, StandsBeforeEveryFilterOfTheCommandAndBehindAllElse) {
  const Plan plan = plan_of(with({"--landlock=files"}));
  EXPECT_EQ(place_of<StartSupervisor>(plan) + 1, place_of<InstallFilters>(plan));
  EXPECT_LT(place_of<RestrictSelf>(plan), place_of<StartSupervisor>(plan));
  EXPECT_LT(place_of<LimitPrivileges>(plan), place_of<StartSupervisor>(plan));
  EXPECT_THAT(step_of<InstallFilters>(plan).names, testing::ElementsAre("no-mount-changes", "default"))
      << "the simple one is not there";
  EXPECT_EQ(place_of<StartSupervisor>(plan_of({"--userns=single"})), -1);
}

TEST(Supervisor, HasItsRightsUntilTheExecOnly) {
  const Plan plan = plan_of(with({"--cap-drop=all"}));
  const auto& limit = step_of<LimitPrivileges>(plan);
  EXPECT_EQ(limit.root, 0U);
  EXPECT_EQ(limit.until_exec, step_of<StartSupervisor>(plan).rights);
  EXPECT_EQ(limit.until_exec, 1ULL << CAP_SYS_PTRACE | 1ULL << CAP_SYS_CHROOT | 1ULL << CAP_DAC_OVERRIDE |
                                  1ULL << CAP_FOWNER | 1ULL << CAP_FSETID);
  EXPECT_EQ(step_of<LimitPrivileges>(plan_of({"--userns=single"})).until_exec, 0U);
}

TEST(Supervisor, KeepsBesideTheRootWhatFilesCannotCarry) {
  EXPECT_EQ(plan_of(with({})).owners_file,
            (OwnersFile{.root = "./root", .is_written = true, .origin = {"--fake-root=consistent"}}));
  EXPECT_FALSE(plan_of(with({"--overlay"})).owners_file->is_written) << "ROOT is not changed";
  EXPECT_EQ(describe(plan_of(with({}))).front().what,
            "keep owners of links, FIFOs and sockets in a file beside ./root");
  EXPECT_FALSE(plan_on("empty", with({})).owners_file);
  EXPECT_FALSE(plan_of({"--userns=single"}).owners_file);
}

TEST(Supervisor, HelpsAptAsTheSimpleModeDoes) {
  EXPECT_THAT(step_of<Execute>(plan_of(with({}))).environment, Contains("APT_CONFIG=/dev/kelp-apt.conf"));
  EXPECT_THAT(not_enforced(plan_of(with({})).policy),
              Contains(StartsWith("what programs inside give up of their own rights")));
}

TEST(Supervisor, IsRefusedByName) {
  EXPECT_EQ(
      refusal_of({"--fake-root=consistent"}),
      "cannot use --fake-root=consistent: the map has other ids than root's, and for those the kernel keeps "
      "owners itself");
  for (const char* flag : {"--no-init", "--share=pid", "--bare"}) {
    EXPECT_EQ(refusal_of(with({flag})),
              "cannot use --fake-root=consistent: it needs a pid namespace of the container's own with "
              "kelp's PID 1 "
              "in it");
  }
  EXPECT_THAT(refusal_of(with({"--proc=none"})), HasSubstr("it needs a new proc on /proc"));
  EXPECT_THAT(refusal_of(with({"--new-privileges"})),
              HasSubstr("it does not go together with --new-privileges"));
}

}  // namespace
}  // namespace kelp::plan
