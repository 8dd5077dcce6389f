// SPDX-License-Identifier: Apache-2.0
// The ways out, on the rungs that are made without namespaces. The same probe gets through where nothing is
// around it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "e2e/ladder_place.h"

namespace kelp::harness {
namespace {

using testing::IsEmpty;
using testing::IsSupersetOf;

// Those that worked.
std::vector<std::string> ways_in(const Outcome& outcome) {
  std::vector<std::string> out;
  std::istringstream text(outcome.out);
  for (std::string line; std::getline(text, line);) {
    if (line.ends_with(": yes")) out.push_back(line.substr(0, line.size() - 5));
  }
  return out;
}

// A victim beside `attempt`, which finds "$pid", "$victims" and "$try", the words of the attempt.
std::string beside_a_victim(const std::string& attempt) {
  return "try=" + payload("waysout") +
         "; victims=$PWD/victims; mkdir victims; exec 9<>fifo; $try victim \"$victims\" >&9 & pid=$!; read "
         "ready <&9; " +
         attempt + "; status=$?; kill -9 $pid; exit $status";
}

std::vector<std::string> ways_out(bool as_root, const std::string& attempt) {
  const TempDir place;
  const std::string root = make_small_root(place);
  std::filesystem::copy_file(payload("waysout"), root + "/waysout");
  const Outcome outcome =
      without_namespaces(as_root, place.path(), "mkfifo fifo; " + beside_a_victim(attempt));
  EXPECT_EQ(outcome.status, 0) << testing::PrintToString(outcome);
  EXPECT_GT(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 20) << testing::PrintToString(outcome);
  return ways_in(outcome);
}

TEST(Rungs, TheProbeGetsOutWhereNothingIsAroundIt) {
  for (const bool as_root : {false, true}) {
    EXPECT_THAT(ways_out(as_root, "$try try $pid \"$victims\""),
                IsSupersetOf({"read", "write", "truncate", "make", "mode", "connect", "abstract", "signal",
                              "limit", "trace", "memory", "descriptor", "proc root", "proc environ",
                              "proc maps", "shared memory"}));
  }
}

TEST(Rungs, TheChrootHoldsAgainstEachWayOut) {
  EXPECT_THAT(ways_out(true, "\"$kelp\" run --fallback ./root /waysout try $pid \"$victims\""), IsEmpty());
}

TEST(Rungs, LandlockHoldsAgainstEachWayButTheModeOfFiles) {
  // SECURITY.md says so.
  for (const bool as_root : {false, true}) {
    EXPECT_THAT(ways_out(as_root, "\"$kelp\" run --fallback -v $try:$try:ro host $try try $pid \"$victims\""),
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
  EXPECT_EQ(
      without_namespaces(true, place.path(), "\"$kelp\" run --fallback ./root /breakout " + marker).status, 2)
      << "chroot itself is refused";
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
