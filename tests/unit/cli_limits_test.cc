// SPDX-License-Identifier: Apache-2.0
// Limits of the whole container on the command line, and what check() says of them.
#include <gmock/gmock.h>

#include "cli_read.h"
#include "spec/check.h"

namespace kelp::cli {
namespace {

using testing::HasSubstr;

Resources resources(Words flags) { return spec(std::move(flags)).resources; }

// The sentences of check().
std::string problems(Words flags) {
  const Result<CheckedSpec> checked = check(spec(std::move(flags)));
  if (checked) return "";
  std::string all = checked.error().sentence();
  for (const Error& other : checked.error().others()) all += cat("\n", other.sentence());
  return all;
}

TEST(Limits, AreReadInTheUnitsOfPodman) {
  EXPECT_EQ(resources({"--memory", "512m"}).memory->value, 512U << 20U);
  EXPECT_EQ(resources({"-m", "1g"}).memory->value, 1U << 30U);
  EXPECT_EQ(resources({"-m1g", "--memory-swap=2g"}).memory_swap->value, 2ULL << 30U);
  EXPECT_EQ(resources({"-m1g", "--memory-swap=-1"}).memory_swap->value, kUnlimited);
  EXPECT_EQ(resources({"--cpus=1.5"}).cpus->value, 150'000U);
  EXPECT_EQ(resources({"--cpus=2"}).cpus->value, 200'000U);
  EXPECT_EQ(resources({"--cpus=0.25"}).cpus->value, 25'000U);
  EXPECT_EQ(resources({"--pids-limit=100"}).pids->value, 100U);
  EXPECT_FALSE(resources({"--pids-limit=100", "--pids-limit=-1"}).pids);
  EXPECT_EQ(resources({"--cpu-weight=50", "--io-weight=200"}).io_weight->value, 200U);
  EXPECT_EQ(resources({"--cgroup-parent=/a"}).parent, "/a");
  EXPECT_EQ(resources({"--limits=best-effort"}).mode, LimitsMode::kBestEffort);
}

TEST(Limits, NothingIsAskedForByDefault) {
  EXPECT_EQ(resources({}), Resources{});
  EXPECT_FALSE(resources({"--limits=best-effort"}).wants_cgroup());
}

TEST(Limits, OfBadFormAreRefusedByWhatWasTyped) {
  EXPECT_EQ(refusal_of({"--memory", "many"}), "cannot read --memory many: 'many' is no size (512m, 1g)");
  EXPECT_EQ(refusal_of({"-m", "-5"}), "cannot read -m -5: '-5' is no size (512m, 1g)");
  EXPECT_EQ(refusal_of({"--memory=99999999999999999999"}),
            "cannot read --memory=99999999999999999999: '99999999999999999999' is no size (512m, 1g)");
  for (const char* cpus : {"", ".5", "1.", "1.123456", "one", "-1", "1e3", "99999999999"}) {
    EXPECT_THAT(refusal_of({cat("--cpus=", cpus)}), HasSubstr("is no number of CPUs (2, 1.5)")) << cpus;
  }
  EXPECT_EQ(refusal_of({"--pids-limit=x"}), "cannot read --pids-limit=x: 'x' is no number");
  EXPECT_EQ(refusal_of({"--limits=maybe"}),
            "cannot read --limits=maybe: 'maybe' is neither strict nor best-effort");
  EXPECT_EQ(refusal_of({"--cgroup-parent="}), "cannot read --cgroup-parent=: '' is no cgroup");
}

TEST(Limits, OutOfRangeAreRefusedByCheck) {
  EXPECT_EQ(problems({"-m0"}), "cannot use -m0: it is not between 1 byte and 8 exbibytes");
  EXPECT_EQ(problems({"--cpus=0.001"}), "cannot use --cpus=0.001: it is not between 0.01 and 1000000 CPUs");
  EXPECT_EQ(problems({"--cpu-weight=0"}),
            "cannot use --cpu-weight=0: a weight is a number between 1 and 10000 (others have 100)");
  EXPECT_EQ(problems({"--io-weight=10001"}),
            "cannot use --io-weight=10001: a weight is a number between 1 and 10000 (others have 100)");
  EXPECT_EQ(
      problems({"--pids-limit=1"}),
      "cannot use --pids-limit=1: it is not between 2 (kelp's own PID 1 is one of them) and 2147483647");
  EXPECT_EQ(problems({"--pids-limit=1", "--no-init"}), "");
  EXPECT_EQ(problems({"--pids-limit=2", "-m1g", "--cpus=0.01", "--cpu-weight=10000", "--io-weight=1"}), "");
}

TEST(Limits, OfSwapNeedOneOfMemoryThatIsNotGreater) {
  EXPECT_EQ(problems({"--memory-swap=1g"}),
            "cannot use --memory-swap=1g: it counts memory and swap together, so it needs --memory too");
  EXPECT_EQ(
      problems({"--memory-swap=1g", "-m2g"}),
      "cannot use --memory-swap=1g: it counts memory and swap together, and is less than the memory alone");
  EXPECT_EQ(problems({"--memory-swap=2g", "-m2g"}), "");
  EXPECT_EQ(problems({"--memory-swap=-1", "-m2g"}), "");
}

TEST(CgroupParent, IsAnAbsolutePathOrASlice) {
  EXPECT_EQ(problems({"--cgroup-parent=/a/b"}), "");
  EXPECT_EQ(problems({"--cgroup-parent=work.slice"}), "");
  EXPECT_EQ(problems({"--cgroup-parent=a"}),
            "cannot use --cgroup-parent=a: it is neither an absolute path nor the name of a slice");
  EXPECT_EQ(problems({"--cgroup-parent=a/b.slice"}),
            "cannot use --cgroup-parent=a/b.slice: it is neither an absolute path nor the name of a slice");
  EXPECT_EQ(problems({"--cgroup-parent=/a/../b"}), "cannot use --cgroup-parent=/a/../b: there is a .. in it");
}

}  // namespace
}  // namespace kelp::cli
