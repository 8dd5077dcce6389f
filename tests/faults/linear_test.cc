// SPDX-License-Identifier: Apache-2.0
// Invariant 9: the cost of a start is linear in its mounts and does not grow with what lies in the root.
// Counted, not timed. ./dev bench shows the same numbers beside those of others.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "start.h"

namespace kelp::faults {
namespace {

namespace fs = std::filesystem;

constexpr double kAllowedGrowth = 1.05;
constexpr unsigned kManyMountsSeconds = 60;  // a stop costs some microseconds, and there are 250,000

class Scene {
 public:
  Scene() {
    for (const char* name : {"bin", "dev", "proc", "sys", "mnt"}) place_.dir(std::string("root/") + name);
    fs::copy_file(fs::path(harness::kelp_binary()).parent_path() / "kelp-payload-view",
                  place_.path() + "/root/bin/view");
    place_.file("shared/file");
  }

  const harness::TempDir& place() const { return place_; }

  // kelp run with that many read-only binds, each on a directory of its own.
  harness::Argv line(int binds) const {
    harness::Argv argv = {harness::kelp_binary(), "run", "--userns=single", "--network=none"};
    for (int i = 0; i < binds; ++i) {
      const std::string to = "mnt/" + std::to_string(i);
      place_.dir("root/" + to);
      argv.insert(argv.end(), {"-v", place_.path() + "/shared:/" + to + ":ro"});
    }
    argv.insert(argv.end(), {place_.path() + "/root", "/bin/view"});
    return argv;
  }

 private:
  harness::TempDir place_;
};

std::string counter() { return fs::path(harness::kelp_binary()).parent_path() / "kelp-bench-alloc-counter"; }

// What kelp asks of the allocator, by a preload that counts into a file.
double count_bytes(const harness::Argv& argv, const harness::TempDir& place) {
  struct {
    unsigned long long bytes = 0;
    unsigned long long calls = 0;
  } counts;
  const std::string path = place.file("counts", std::string(sizeof counts, '\0'));
  const harness::Outcome outcome =
      harness::run(argv, {.env = {"LD_PRELOAD=" + counter(), "KELP_BENCH_COUNT=" + path}});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  std::ifstream(path, std::ios::binary).read(reinterpret_cast<char*>(&counts), sizeof counts);
  EXPECT_GT(counts.calls, 0U);
  return static_cast<double>(counts.bytes);
}

TEST(Linear, SystemCallsAMountAreAsManyAtTenThousand) {
  KELP_FAULTS_NEED_PTRACE();
  const Scene scene;
  std::vector<double> calls;
  for (const int binds : {0, 100, 1000, 10'000}) {
    const Traced traced = trace(scene.line(binds), {}, {}, kManyMountsSeconds);
    ASSERT_EQ(traced.outcome.status, 0) << traced.outcome.err;
    calls.push_back(static_cast<double>(traced.calls.size()));
  }
  const double few = (calls[1] - calls[0]) / 100;
  EXPECT_GT(few, 3) << "a mount costs calls: were they seen?";
  EXPECT_LT((calls[2] - calls[0]) / 1000, few * kAllowedGrowth);
  EXPECT_LT((calls[3] - calls[0]) / 10'000, few * kAllowedGrowth);
}

TEST(Linear, BytesAllocatedAMountAreAsManyAtTenThousand) {
  KELP_REQUIRE(access(counter().c_str(), R_OK) == 0, "the bench's allocation counter is not built");
  const Scene scene;
  std::vector<double> bytes;
  for (const int binds : {0, 100, 1000, 10'000})
    bytes.push_back(count_bytes(scene.line(binds), scene.place()));
  const double few = (bytes[1] - bytes[0]) / 100;
  EXPECT_GT(few, 100);
  // A vector that doubles may have just done so at the larger number.
  EXPECT_LT((bytes[2] - bytes[0]) / 1000, few * 1.5);
  EXPECT_LT((bytes[3] - bytes[0]) / 10'000, few * 1.5);
}

// Of the container's processes: how often the parent polls depends on who is faster.
std::vector<Call> calls_of_the_child(const Traced& traced) {
  std::vector<Call> calls;
  for (const Call& call : traced.calls) {
    if (call.who != kInit) continue;
    calls.push_back(call);
    if (call.name == "clone" || call.name == "fork") break;  // it goes on beside the command
  }
  return calls;
}

TEST(Constant, SystemCallsAreAsManyWhateverLiesInTheRoot) {
  KELP_FAULTS_NEED_PTRACE();
  const Scene scene;
  trace(scene.line(1), {});  // makes the mount points that the root lacks
  const Traced before = trace(scene.line(1), {});
  for (int i = 0; i < 2000; ++i) scene.place().file("root/srv/" + std::to_string(i));
  const Traced after = trace(scene.line(1), {});
  ASSERT_EQ(before.outcome.status, 0);
  EXPECT_GT(calls_of_the_child(before).size(), 50U);
  EXPECT_EQ(calls_of_the_child(after).size(), calls_of_the_child(before).size());
}

}  // namespace
}  // namespace kelp::faults
