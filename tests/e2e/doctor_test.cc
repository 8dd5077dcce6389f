// SPDX-License-Identifier: Apache-2.0
// `kelp doctor` as its manual page promises it: lines, JSON, exit statuses, and the truth about a place that
// lacks something.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

#include "harness/harness.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;
using testing::Not;

nlohmann::json item(const Outcome& outcome, std::string_view name) {
  const nlohmann::json all = nlohmann::json::parse(outcome.out, nullptr, false);
  if (all.is_discarded()) return nullptr;
  for (const nlohmann::json& one : all["items"]) {
    if (one["name"] == name) return one;
  }
  return nullptr;
}

TEST(Doctor, GivesAUserWithRangesFullStrength) {
  KELP_ONLY_AS("full strength is promised to ordinary users with ranges", "user");
  const Outcome outcome = kelp({"doctor"});
  EXPECT_EQ(outcome.status, 0) << outcome.out;
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, HasSubstr("ok       a start: `kelp run host /bin/true` works\n"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("\033")));
}

TEST(Doctor, TellsAUserWithoutRangesTheLineToAdd) {
  KELP_ONLY_AS("the others have ranges", "noranges");
  const Outcome outcome = kelp({"doctor", "--json"});
  EXPECT_EQ(outcome.status, 1);
  const nlohmann::json ids = item(outcome, "subordinate ids");
  EXPECT_EQ(ids["condition"], "missing");
  EXPECT_THAT(ids["why"].get<std::string>(), HasSubstr("has no line for"));
  EXPECT_THAT(ids["mend"].get<std::string>(), HasSubstr("usermod --add-subuids"));
}

TEST(Doctor, SaysInJsonWhatItSaysInLines) {
  const Outcome lines = kelp({"doctor"});
  const Outcome json = kelp({"doctor", "--json"});
  EXPECT_EQ(json.status, lines.status);
  const nlohmann::json all = nlohmann::json::parse(json.out, nullptr, false);
  ASSERT_FALSE(all.is_discarded()) << json.out;
  EXPECT_EQ(all["full_strength"], json.status == 0);
  for (const nlohmann::json& one : all["items"]) {
    EXPECT_THAT(lines.out, HasSubstr(one["name"].get<std::string>() + ": " + one["fact"].get<std::string>()));
  }
}

TEST(Doctor, FindsNoNewPrivs) {
  KELP_ONLY_AS("root needs no helper", "user");
  const Outcome outcome = run({"setpriv", "--no-new-privs", kelp_binary(), "doctor", "--json"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(item(outcome, "no_new_privs")["condition"], "missing");
  EXPECT_EQ(item(outcome, "a start")["condition"], "ok") << "one id is enough to start";
}

TEST(Doctor, FindsAMaskedProc) {
  KELP_REQUIRE(has_program("bwrap"), "bubblewrap is not installed");
  const Outcome outcome = run({"bwrap", "--unshare-all", "--dev-bind", "/", "/", "--proc", "/proc", "--tmpfs",
                               "/proc/acpi", kelp_binary(), "doctor", "--json"});
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  const nlohmann::json proc = item(outcome, "proc");
  EXPECT_EQ(proc["condition"], "missing");
  EXPECT_THAT(proc["why"].get<std::string>(), HasSubstr("/proc/acpi"));
  EXPECT_THAT(proc["mend"].get<std::string>(), HasSubstr("--proc=host"));
}

TEST(Doctor, FindsALimitOfNamespacesOfZero) {
  KELP_ONLY_AS("made in a user namespace of one's own", "user", "noranges");
  // Limits are those of each user namespace: root of one may lower its own.
  const Outcome outcome =
      run({"unshare", "-Urm", "sh", "-c",
           "echo 0 >/proc/sys/user/max_user_namespaces && exec \"$0\" doctor --json", kelp_binary()});
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  const nlohmann::json namespaces = item(outcome, "user namespaces");
  EXPECT_EQ(namespaces["condition"], "missing");
  EXPECT_THAT(namespaces["why"].get<std::string>(), HasSubstr("user.max_user_namespaces is 0"));
  EXPECT_EQ(item(outcome, "a start")["condition"], "missing");
}

TEST(Doctor, ColoursATerminalUnlessToldNotTo) {
  PtySession coloured({kelp_binary(), "doctor"}, {.env = {"NO_COLOR"}}, {});
  EXPECT_THAT(coloured.finish().out, HasSubstr("\033[3"));
  PtySession plain({kelp_binary(), "doctor"}, {.env = {"NO_COLOR=1"}}, {});
  EXPECT_THAT(plain.finish().out, Not(HasSubstr("\033[3")));
}

TEST(Doctor, RefusesWhatItDoesNotKnow) {
  const Outcome outcome = kelp({"doctor", "--cure"});
  EXPECT_EQ(outcome.status, 125);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("--cure"));
}

TEST(Doctor, SaysThatItsFindingsCouldNotBeWritten) {
  const Outcome outcome = run({"sh", "-c", "exec \"$0\" doctor >/dev/full", kelp_binary()});
  EXPECT_EQ(outcome.status, 125);
  EXPECT_THAT(outcome.err, HasSubstr("kelp: cannot write stdout"));
}

TEST(Doctor, LeavesNothingBehind) {
  adopt_orphans();
  kelp({"doctor"});
  EXPECT_TRUE(descendants().empty());
}

}  // namespace
}  // namespace kelp::harness
