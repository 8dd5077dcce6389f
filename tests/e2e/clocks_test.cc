// SPDX-License-Identifier: Apache-2.0
// --time-offset, whatever the ids are that the set-up takes.
#include <cstdlib>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

constexpr int kShift = 86'400;
constexpr int kPatience = 3600;  // between two looks

double uptime_in(const Argv& options) {
  Argv words = {"run"};
  words.insert(words.end(), options.begin(), options.end());
  words.insert(words.end(), {"host", "cat", "/proc/uptime"});
  const Outcome outcome = kelp(words);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  return std::strtod(outcome.out.c_str(), nullptr);
}

void expect_shift(const Argv& ids) {
  Argv shifted = ids;
  shifted.push_back("--time-offset=boottime=" + std::to_string(kShift));
  EXPECT_NEAR(uptime_in(shifted) - uptime_in(ids), kShift, kPatience) << testing::PrintToString(ids);
}

TEST(TimeOffset, ShiftsTheClockOfTheBoot) {
  expect_shift({});
  expect_shift({"--userns=single"});
  expect_shift({"--userns=keep-id"});
}

TEST(TimeOffset, ShiftsItForIdsThatAreNotTheMachinesRoot) {
  KELP_ONLY_AS("only root's set-up is hidden, its files in /proc being the machine's root's", "root");
  expect_shift({"--userns=0:300000:65536"});
}

}  // namespace
}  // namespace kelp::harness
