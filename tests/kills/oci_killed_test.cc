// SPDX-License-Identifier: Apache-2.0
// kelp-oci ends by SIGKILL at a random moment of a create: whatever it leaves, `state`, `kill` and `delete`
// handle, and the id is free afterwards.
#include <csignal>
#include <filesystem>

#include "e2e/oci_bundle.h"
#include "victim.h"

namespace kelp::kills {
namespace {

using harness::Outcome;

class OciCreate : public testing::Test {
 protected:
  OciCreate() {
    harness::adopt_orphans();
    bundle.runs({"sleep", "1000"});
  }
  harness::Argv line() const { return bundle.line({"create", "--bundle", bundle.path(), "one"}); }
  microseconds length() const {
    const auto begin = Clock::now();
    EXPECT_EQ(bundle.create("one").status, 0);
    const auto length = std::chrono::duration_cast<microseconds>(Clock::now() - begin);
    EXPECT_EQ(bundle.oci({"delete", "--force", "one"}).status, 0);
    return length;
  }
  harness::OciBundle bundle;
};

TEST_F(OciCreate, KilledAtAnyMomentLeavesWhatCanBeDeleted) {
  Moments moments;
  moments.set_length(length());
  unsigned created = 0;
  unsigned none = 0;
  for (int i = 0; i < 60; ++i) {
    const microseconds delay = moments.next();
    end_after(line(), delay);
    const std::string status = bundle.status_of("one");
    created += status == "created" ? 1U : 0U;
    none += status == "none" ? 1U : 0U;
    ASSERT_THAT(status, testing::AnyOf("none", "creating", "created", "stopped")) << delay.count() << " us";
    const Outcome killed = bundle.oci({"kill", "one", "KILL"});
    ASSERT_TRUE(killed.status == 0 || killed.err.find("container") != std::string::npos) << killed.err;
    const Outcome deleted = bundle.oci({"delete", "one"});
    ASSERT_TRUE(deleted.status == 0 ||
                (status == "none" && deleted.err.find("does not exist") != std::string::npos))
        << delay.count() << " us, " << status << ": " << deleted.err;
    ASSERT_TRUE(bundle.is_empty()) << delay.count() << " us, " << status;
    ASSERT_EQ(harness::descendants(harness::milliseconds{2000}), std::vector<pid_t>{})
        << delay.count() << " us, " << status;
  }
  EXPECT_GT(created, 0U) << "some come too late to hinder it";
  EXPECT_GT(none, 0U) << "some come before anything was made";
  EXPECT_EQ(bundle.create("one").status, 0) << "the id is free";
}

}  // namespace
}  // namespace kelp::kills
