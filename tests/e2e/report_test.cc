// SPDX-License-Identifier: Apache-2.0
// The line of --report: one, always, in the form that programs rely on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>

#include "harness/harness.h"

namespace kelp::harness {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

struct Reported {
  Outcome outcome;
  std::string text;
  json line;
};

// kelp run --report 3 FLAGS ROOT COMMAND, with its report.
Reported reported(const std::string& words, const std::string& script = "true") {
  const TempDir place;
  const std::string file = place.path() + "/report";
  Reported result;
  result.outcome = run({"sh", "-c", "exec \"$0\" run --report 3 " + words + " \"$1\" sh -c \"$2\" 3>\"$3\"",
                        kelp_binary(), small_root(), script, file});
  result.text = read_file(file);
  EXPECT_EQ(std::count(result.text.begin(), result.text.end(), '\n'), 1) << result.text;
  result.line = json::parse(result.text, nullptr, false);
  EXPECT_TRUE(result.line.is_object()) << result.text;
  return result;
}

TEST(Report, HasTheseFieldsInThisOrder) {
  const Reported done = reported("", "exit 3");
  std::vector<std::string> names;
  const auto in_order = nlohmann::ordered_json::parse(done.text);
  for (const auto& [name, value] : in_order.items()) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("version", "exit", "signal", "error", "wall_us", "user_us", "system_us",
                                 "setup_us", "peak_bytes", "cgroup", "proc", "rung", "not_enforced"));
  EXPECT_EQ(done.outcome.status, 3);
  EXPECT_EQ(done.line["version"], 1);
  EXPECT_EQ(done.line["exit"], 3);
  EXPECT_TRUE(done.line["signal"].is_null());
  EXPECT_TRUE(done.line["error"].is_null());
  EXPECT_EQ(done.line["rung"], "full");
  EXPECT_TRUE(done.line["not_enforced"].is_array());
  EXPECT_THAT(done.line["proc"].get<std::string>(), testing::AnyOf("new", "pids"));
}

TEST(Report, MeasuresWhatRanInside) {
  const Reported done =
      reported("", "sleep 0.3; head -c 30000000 /dev/zero | tail -c 30000000 | md5sum >/dev/null");
  EXPECT_GT(done.line["wall_us"], 300'000);
  EXPECT_LT(done.line["wall_us"], 20'000'000L * slowness());
  EXPECT_GT(done.line["setup_us"], 100);
  EXPECT_LT(done.line["setup_us"], done.line["wall_us"]);
  EXPECT_GT(done.line["user_us"].get<long>() + done.line["system_us"].get<long>(), 1000);
  EXPECT_GT(done.line["peak_bytes"], 30'000'000) << "tail holds it all";
}

TEST(Report, NamesTheSignal) {
  const Reported done = reported("", "kill -KILL $$");
  EXPECT_TRUE(done.line["exit"].is_null());
  EXPECT_EQ(done.line["signal"], "KILL");
  EXPECT_TRUE(done.line["error"].is_null());
  EXPECT_EQ(reported("", "kill -64 $$").line["signal"], "64");
}

TEST(Report, TellsThatTheTimeWasOver) {
  const Reported done = reported(kSoon, "exec sleep 1000");
  EXPECT_EQ(done.outcome.status, 124);
  EXPECT_EQ(done.line["signal"], "TERM");
  EXPECT_EQ(done.line["timed_out"], true);
}

TEST(Report, TellsWhyThereWasNoStart) {
  const Reported done = reported("-v /no/such/place:/x");
  EXPECT_EQ(done.outcome.status, 125);
  EXPECT_TRUE(done.line["exit"].is_null());
  EXPECT_TRUE(done.line["signal"].is_null());
  EXPECT_TRUE(done.line["rung"].is_null());
  EXPECT_EQ(done.line["error"]["status"], 125);
  EXPECT_THAT(done.line["error"]["message"].get<std::string>(), HasSubstr("/no/such/place"));
  EXPECT_EQ("kelp: " + done.line["error"]["message"].get<std::string>() + "\n",
            done.outcome.err.substr(0, done.outcome.err.find('\n') + 1));
}

TEST(Report, TellsThatTheCommandWasNotFound) {
  const TempDir place;
  const Outcome outcome = run({"sh", "-c", "exec \"$0\" run --report 3 \"$1\" absent 3>\"$2\"", kelp_binary(),
                               small_root(), place.path() + "/report"});
  EXPECT_EQ(outcome.status, 127);
  EXPECT_EQ(json::parse(read_file(place.path() + "/report"))["error"]["status"], 127);
}

TEST(Report, IsJsonWhateverBytesThereAre) {
  const Reported done = reported("-v \"$(printf '/no/\\377\\n\\033')\":/x");
  EXPECT_THAT(done.line["error"]["message"].get<std::string>(), HasSubstr("/no/\\xFF\\x0A\\x1B"));
}

TEST(Report, OfAWrongDescriptorIsARefusal) {
  EXPECT_EQ(kelp({"run", "--report=77", small_root(), "true"}).err,
            "kelp: cannot report to descriptor 77: it is not open (--report=77)\n");
  EXPECT_EQ(kelp({"run", "--file", "77:/x", small_root(), "true"}).err,
            "kelp: cannot read descriptor 77: it is not open (--file 77:/x)\n");
  EXPECT_EQ(kelp({"run", "--report=1", small_root(), "true"}).err,
            "kelp: cannot report to descriptor 1: 0, 1 and 2 belong to the command (--report=1)\nhint: "
            "--report 3 3>FILE\n");
  EXPECT_EQ(kelp({"run", "--report=three", small_root(), "true"}).err,
            "kelp: cannot read --report=three: 'three' is no number of a descriptor\n");
}

TEST(Report, OfACommandLineThatCannotBeReadIsWritten) {
  const Reported done = reported("--bogus");
  EXPECT_EQ(done.outcome.status, 125);
  EXPECT_EQ(done.line["error"]["message"], "cannot use --bogus: unknown flag");
}

TEST(Report, ThatIsLostIsWarnedOf) {
  KELP_REQUIRE(access("/dev/full", W_OK) == 0, "there is no /dev/full here");
  const Outcome outcome = run({"sh", "-c", "exec \"$0\" run --report 3 \"$1\" sh -c 'exit 6' 3>/dev/full",
                               kelp_binary(), small_root()});
  EXPECT_EQ(outcome.status, 6);
  EXPECT_EQ(outcome.err, "kelp: warning: cannot write the report: No space left on device\n");
}

// kelp run --report 3 WORDS, with a pipe as 3 that nobody reads; and its status.
std::string said_to_nobody(const std::string& words) {
  return run({"sh", "-c", "{ sleep 0.2; \"$0\" run --report 3 " + words + " 3>&1 >&2; echo $? >&2; } | true",
              kelp_binary(), small_root()})
      .err;
}

TEST(Report, ToAClosedPipeDoesNoHarmAndIsWarnedOf) {
  EXPECT_EQ(said_to_nobody("\"$1\" sh -c 'exit 6'"),
            "kelp: warning: cannot write the report: Broken pipe\n6\n");
}

TEST(Report, ToAClosedPipeLeavesTheErrorToSay) {
  EXPECT_EQ(
      said_to_nobody("--bogus \"$1\" true"),
      "kelp: warning: cannot write the report: Broken pipe\nkelp: cannot use --bogus: unknown flag\n125\n");
}

TEST(Report, ToADescriptorThatCannotBeWrittenToIsARefusal) {
  const TempDir place;
  const std::string script = "exec \"$0\" run --report 3 -v \"$2:/place\" \"$1\" touch /place/ran 3<";
  for (const std::string file : {"/dev/null", "\"$2\""}) {
    const Outcome outcome = run({"sh", "-c", script + file, kelp_binary(), small_root(), place.path()});
    EXPECT_EQ(outcome.status, 125);
    EXPECT_EQ(outcome.err, "kelp: cannot report to descriptor 3: it is not open for writing (--report 3)\n");
  }
  EXPECT_FALSE(std::filesystem::exists(place.path() + "/ran"));
  const Outcome both = run({"sh", "-c", script + ">/dev/null", kelp_binary(), small_root(), place.path()});
  EXPECT_EQ(both.status, 0) << both.err;
  EXPECT_TRUE(std::filesystem::exists(place.path() + "/ran"));
}

TEST(LogFormat, OfJsonIsOneObjectALine) {
  const Outcome outcome =
      kelp({"run", "--log-format=json", "-v", "/no/such:/x", "-v", "/nor/this:rel", small_root(), "true"});
  EXPECT_EQ(outcome.status, 125);
  const json line = json::parse(outcome.err, nullptr, false);
  ASSERT_TRUE(line.is_object()) << outcome.err;
  EXPECT_EQ(line["level"], "error");
  EXPECT_THAT(line["message"].get<std::string>(), testing::StartsWith("cannot "));
}

TEST(LogFormat, OfJsonHoldsForUnknownFlagsToo) {
  const Outcome outcome = kelp({"run", "--log-format=json", "--nonsense", "\xff", small_root(), "true"});
  EXPECT_EQ(outcome.status, 125);
  const json line = json::parse(outcome.err.substr(0, outcome.err.find('\n')), nullptr, false);
  ASSERT_TRUE(line.is_object()) << outcome.err;
  EXPECT_EQ(line["message"], "cannot use --nonsense: unknown flag");
}

TEST(LogFormat, IsTextOrJson) {
  EXPECT_EQ(kelp({"run", "--log-format=xml", small_root(), "true"}).err,
            "kelp: cannot read --log-format=xml: 'xml' is none of text, json\n");
}

}  // namespace
}  // namespace kelp::harness
