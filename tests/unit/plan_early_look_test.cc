// SPDX-License-Identifier: Apache-2.0
// Where a root must hold the command before anything is made in it, and when that is not known.
#include <gmock/gmock.h>

#include "plan_build.h"

namespace kelp::plan {
namespace {

using testing::ElementsAre;

// The places of `kelp run FLAGS ./root COMMAND`; empty: there is no look.
Words places(Words flags, const Words& command) {
  flags.insert(flags.end(), {"./root"});
  flags.insert(flags.end(), command.begin(), command.end());
  Result<cli::RunRequest> request = cli::read_run(flags, {});
  EXPECT_TRUE(request);
  Result<CheckedSpec> checked = check(std::move(request->spec));
  EXPECT_TRUE(checked);
  Result<Plan> plan = build(*checked, ordinary_facts());
  EXPECT_TRUE(plan) << plan.error().sentence();
  return plan->early_look ? plan->early_look->places : Words{};
}

TEST(EarlyLook, IsForANameInThePathAndForAPathWhereItIs) {
  EXPECT_THAT(places({"-e", "PATH=/a:b:"}, {"id"}), ElementsAre("/a/id", "/b/id", "/id"));
  EXPECT_THAT(places({}, {"/x/y"}), ElementsAre("/x/y"));
  EXPECT_THAT(places({"-w", "/home"}, {"./y"}), ElementsAre("/home/./y"));
  EXPECT_THAT(places({}, {}), ElementsAre("/bin/sh", "/bin/sh"));
}

TEST(EarlyLook, IsNoneWhereAMountMayBringTheCommand) {
  EXPECT_FALSE(places({"--tmpfs", "/x"}, {"id"}).empty());
  for (const Words& flags : {Words{"-v", "/usr:/usr"}, Words{"--symlink", "a:/b"}, Words{"--file", "9:/b"}})
    EXPECT_TRUE(places(flags, {"id"}).empty()) << flags[0];
  EXPECT_TRUE(places({}, {"/proc/self/fd/3"}).empty());
  EXPECT_TRUE(places({"--overlay"}, {"id"}).empty());
}

TEST(EarlyLook, IsNoneWithoutAPath) { EXPECT_TRUE(places({"--clear-env"}, {"id"}).empty()); }

}  // namespace
}  // namespace kelp::plan
