// SPDX-License-Identifier: Apache-2.0
// The ways out, on the rungs that are made without namespaces. The same probe gets through where nothing is
// around it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/ladder_place.h"
#include "e2e/ways_out.h"

namespace kelp::harness {
namespace {

using testing::IsEmpty;
using testing::IsSupersetOf;

Place in_kelp(bool as_root) {
  return [=](const std::string& shared, const std::string& script) {
    return without_namespaces(as_root, shared, script);
  };
}

TEST(Rungs, TheProbeGetsOutWhereNothingIsAroundIt) {
  for (const bool as_root : {false, true}) {
    EXPECT_THAT(ways_out(in_kelp(as_root), "$try try $pid \"$victims\""),
                IsSupersetOf({"read", "write", "truncate", "make", "mode", "connect", "abstract", "signal",
                              "limit", "trace", "memory", "descriptor", "proc root", "proc environ",
                              "proc maps", "shared memory"}));
  }
}

TEST(Rungs, TheChrootHoldsAgainstEachWayOut) {
  EXPECT_THAT(ways_out(in_kelp(true), "\"$kelp\" run --fallback ./root /waysout try $pid \"$victims\""),
              IsEmpty());
}

TEST(Rungs, LandlockHoldsAgainstEachWayButTheModeOfFiles) {
  // SECURITY.md says so.
  for (const bool as_root : {false, true}) {
    EXPECT_THAT(ways_out(in_kelp(as_root),
                         "\"$kelp\" run --fallback -v $try:$try:ro host $try try $pid \"$victims\""),
                testing::ElementsAre("mode"));
  }
}

TEST(Rungs, TheChrootHoldsAgainstTheClassicBreakOut) {
  const TempDir place;
  const std::string root = make_small_root(place);
  std::filesystem::copy_file(payload("breakout"), root + "/breakout");
  place.file("marker");
  const std::string marker = place.path() + "/marker";
  EXPECT_EQ(without_namespaces(true, place.path(), "chroot root /breakout " + marker).out, "outside\n")
      << "the control gets out";
  const Outcome outcome =
      without_namespaces(true, place.path(), "\"$kelp\" run --fallback ./root /breakout " + marker);
  EXPECT_EQ(outcome.status, 2) << "chroot itself is refused\n" << outcome.err;
}

// Root emulation around kelp answers capset(2) and does nothing: the bounding set is what holds then.
TEST(Rungs, HoldWithoutCapabilitiesWhereDroppingThemIsPretended) {
  const TempDir place;
  make_small_root(place);
  place.dir("root/proc");
  const std::string build = std::filesystem::path(kelp_binary()).parent_path();
  for (const auto& [root, held] :
       {std::pair<std::string, std::string>{"./root", "00000000000000db"}, {"host", "0000000000000000"}}) {
    const Outcome outcome =
        kelp({"run", "--userns=single", "--fake-root=simple", "--seccomp=@no-userns", "-u", "0", "-v",
              place.path() + ":" + place.path(), "-v", build + ":" + build + ":ro", "-v",
              "/proc:" + place.path() + "/root/proc", "host", "sh", "-ec",
              "cd \"$1\"; \"$0\" run --fallback " + root + " grep -o 'CapEff.*' /proc/self/status",
              kelp_binary(), place.path()});
    EXPECT_EQ(outcome.out, "CapEff:\t" + held + "\n") << outcome.err;
  }
}

TEST(Rungs, LeaveNoZombieBehindWhileTheCommandRuns) {
  const TempDir place;
  const Outcome outcome = without_namespaces(false, place.path(),
                                             "\"$kelp\" run --fallback host sh -c 'for i in 1 2 3 4 5; do "
                                             "(sleep 0.1 &); done; sleep 1; ps ax -o stat,args | grep -c "
                                             "\"^Z.*sleep\" || true'");
  EXPECT_EQ(outcome.out, "0\n") << outcome.err;
}

TEST(Rungs, NothingGoesOnWhenTheCommandHasEnded) {
  const TempDir place;
  make_small_root(place);
  for (const bool as_root : {false, true}) {
    const std::string root = as_root ? "./root" : "host";
    const Outcome outcome = without_namespaces(as_root, place.path(),
                                               "\"$kelp\" run --fallback " + root +
                                                   " sh -c 'setsid sleep 987 & sleep 986 & exit 3' || echo "
                                                   "$?; ps ax -o args | grep -c '^sleep 98[67]' || true");
    EXPECT_EQ(outcome.out, "3\n0\n") << outcome.err;
  }
}

}  // namespace
}  // namespace kelp::harness
