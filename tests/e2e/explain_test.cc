// SPDX-License-Identifier: Apache-2.0
// --explain tells the steps and starts; --dry-run tells them and does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>

#include "harness/harness.h"

namespace kelp::harness {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(Explain, TellsOnStderrAndStarts) {
  const Outcome outcome =
      kelp({"run", "--explain", "-w", "/tmp", small_root(), "sh", "-c", "echo out; exit 4"});
  EXPECT_EQ(outcome.status, 4);
  EXPECT_EQ(outcome.out, "out\n");
  EXPECT_THAT(outcome.err, AllOf(testing::StartsWith("1. "), HasSubstr("\n2. "), HasSubstr("/tmp")));
}

TEST(Explain, NamesWhatWasTypedForAStep) {
  const Outcome outcome =
      kelp({"run", "--dry-run", "-v", "/etc:/mnt:ro", "--tmpfs=/scratch", small_root(), "true"});
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("[-v /etc:/mnt:ro]\n"), HasSubstr("[--tmpfs=/scratch]\n")));
}

TEST(Explain, TellsTheMountPointsThatItMade) {
  const TempDir place;
  const std::string root = make_small_root(place);
  const Outcome outcome = kelp({"run", "--explain", "-v", "/etc:/new/place:ro", root, "true"});
  EXPECT_THAT(outcome.err, HasSubstr("made the mount point /new/place in the root\n"));
  EXPECT_TRUE(std::filesystem::is_directory(root + "/new/place"));
}

TEST(Explain, EndsWithThePolicy) {
  const Outcome outcome = kelp({"run", "--explain", "--network=none", "--no-init", small_root(), "true"});
  const std::size_t policy = outcome.err.find("\nenforced: its own user namespace; ");
  ASSERT_NE(policy, std::string::npos) << outcome.err;
  const std::string end = outcome.err.substr(policy);
  EXPECT_THAT(end, AllOf(HasSubstr("its own network namespace"), Not(HasSubstr("\n1"))));
  EXPECT_THAT(end, HasSubstr("\npartly enforced: everything ends when kelp ends: the command is PID 1"));
}

TEST(Require, RefusesToStartWithoutTheFence) {
  const Outcome outcome = kelp(
      {"run", "--share=pid", "--proc=host", "--require=die-with-parent", small_root(), "echo", "started"});
  EXPECT_EQ(outcome.status, 125);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err,
              testing::StartsWith("kelp: cannot enforce die-with-parent (--require=die-with-parent): "));
}

TEST(Require, StartsWhereTheFenceHolds) {
  EXPECT_EQ(kelp({"run", "--require=die-with-parent,pid,mount", small_root(), "echo", "started"}).out,
            "started\n");
}

TEST(DryRun, TellsOnStdoutAndStartsNothing) {
  const TempDir place;
  const std::string root = make_small_root(place);
  const Outcome outcome = kelp({"run", "--dry-run", "-v", "/etc:/new/place", root, "touch", "/made"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, AllOf(testing::StartsWith("1. "), HasSubstr("touch /made")));
  EXPECT_FALSE(std::filesystem::exists(root + "/made"));
  EXPECT_FALSE(std::filesystem::exists(root + "/new"));
  EXPECT_FALSE(std::filesystem::exists(root + "/proc"));
}

TEST(DryRun, StillRefusesWhatARunWouldRefuse) {
  const Outcome outcome = kelp({"run", "--dry-run", "-v", "/no/such:/x", small_root(), "true"});
  EXPECT_EQ(outcome.status, 125);
  EXPECT_EQ(outcome.out, "");
}

TEST(DryRun, ToAFullDiskSaysSo) {
  const Outcome outcome =
      run({"sh", "-c", "exec \"$0\" run --dry-run \"$1\" true >/dev/full", kelp_binary(), small_root()});
  EXPECT_EQ(outcome.status, 125);
  EXPECT_EQ(outcome.err, "kelp: cannot write stdout: No space left on device\n");
}

TEST(Json, HasTheSameSteps) {
  const Outcome text = kelp({"run", "--dry-run", "-e", "A=\xff", small_root(), "true"});
  const Outcome outcome = kelp({"run", "--dry-run", "--json", "-e", "A=\xff", small_root(), "true"});
  const json plan = json::parse(outcome.out, nullptr, false);
  ASSERT_TRUE(plan.is_object()) << outcome.out;
  EXPECT_EQ(plan["version"], 1);
  EXPECT_TRUE(plan["not_enforced"].is_array());
  ASSERT_GT(plan["policy"].size(), 5U);
  EXPECT_EQ(plan["policy"][0],
            (json{{"what", "its own user namespace"}, {"enforced", "yes"}, {"fence", "user"}}));
  ASSERT_GT(plan["steps"].size(), 5U);
  for (const json& step : plan["steps"]) {
    EXPECT_THAT(text.out,
                HasSubstr(step["step"].get<std::string>() + "  [" + step["origin"].get<std::string>() + "]"));
  }
}

TEST(Json, OfExplainIsOnStderr) {
  const Outcome outcome = kelp({"run", "--explain", "--json", small_root(), "echo", "out"});
  EXPECT_EQ(outcome.out, "out\n");
  // The plan, and what was made in the root, which is known only after the start: two objects.
  const std::size_t end = outcome.err.find("\n}\n") + 3;
  EXPECT_TRUE(json::parse(outcome.err.substr(0, end), nullptr, false)["steps"].is_array()) << outcome.err;
  const json made = json::parse(outcome.err.substr(end), nullptr, false);
  ASSERT_TRUE(made.is_object()) << outcome.err;
  EXPECT_EQ(made["made"][0], "/proc");
}

TEST(Json, BelongsToExplainOrDryRun) {
  EXPECT_EQ(kelp({"run", "--json", small_root(), "true"}).err,
            "kelp: cannot use --json: it belongs to --explain or --dry-run\n");
}

TEST(Explain, ShowsNoSecretFromTheEnvironment) {
  const Outcome outcome =
      kelp({"run", "--dry-run", "-e", "TOKEN", small_root(), "true"}, {.env = {"TOKEN=coral-reef"}});
  EXPECT_THAT(outcome.out, Not(HasSubstr("coral-reef")));
}

}  // namespace
}  // namespace kelp::harness
