// SPDX-License-Identifier: Apache-2.0
// The reader of command lines, on a table of its own: what flags look like, not what they mean.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "base/text.h"
#include "cli/flags.h"
#include "cli/help.h"
#include "cli/nearest.h"

namespace kelp::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Words = std::vector<std::string>;

constexpr std::array<FlagInfo, 6> kTable = {{
    {.letter = 'v',
     .name = "volume",
     .takes = Takes::kValue,
     .value = "SRC:DST",
     .group = "One",
     .help = "bind it"},
    {.letter = 't',
     .name = "tty",
     .takes = Takes::kOptionalValue,
     .value = "MODE",
     .group = "One",
     .help = "a terminal"},
    {.letter = 'i', .name = "interactive", .group = "Two", .help = "accepted"},
    {.name = "read-only", .group = "Two", .help = "no writing"},
    {.letter = 'e',
     .name = "env",
     .takes = Takes::kValue,
     .value = "NAME",
     .group = "Two",
     .help = "a variable"},
    {.name = "help", .group = "Two", .help = "this"},
}};
constexpr std::array<Lack, 2> kLacks = {{
    {.name = "restart", .takes = Takes::kValue, .reason = "kelp starts nothing again", .hint = "use a loop"},
    {.letter = 'd', .name = "detach", .reason = "not in the background", .hint = ""},
}};

Result<CommandLine> read(const Words& args, Positionals positionals = Positionals::kEndFlags) {
  return read_command_line(kTable, kLacks, args, positionals);
}

// "volume=/a:/b" for each flag, in order.
Words flags(const Words& args) {
  Words out;
  const Result<CommandLine> line = read(args);
  if (!line) return {line.error().sentence()};
  for (const Given& given : line->given) {
    out.push_back(cat(kTable.at(given.row).name, given.value ? "=" : "", given.value.value_or(""),
                      given.is_on ? "" : " off"));
  }
  return out;
}

Words typed(const Words& args) {
  Words out;
  const Result<CommandLine> line = read(args);
  for (const Given& given : line->given) out.push_back(given.typed);
  return out;
}

Words refusals(const Words& args) {
  const Result<CommandLine> line = read(args);
  if (line) return {};
  Words out = {line.error().sentence()};
  for (const Error& other : line.error().others()) out.push_back(other.sentence());
  return out;
}

TEST(CommandLineReader, TakesAValueInEverySpellingOfPodman) {
  EXPECT_THAT(flags({"-v", "/a:/b", "-v/c", "-v=/d", "--volume", "/e", "--volume=/f"}),
              ElementsAre("volume=/a:/b", "volume=/c", "volume=/d", "volume=/e", "volume=/f"));
}

TEST(CommandLineReader, KeepsTheOrderAcrossFlags) {
  EXPECT_THAT(flags({"-e", "1", "-v", "2", "-e", "3", "--tty", "-v", "4"}),
              ElementsAre("env=1", "volume=2", "env=3", "tty", "volume=4"));
}

TEST(CommandLineReader, TakesAnOptionalValueOnlyAfterAnEqualsSign) {
  const Result<CommandLine> line = read({"--tty", "never"});
  ASSERT_TRUE(line);
  EXPECT_FALSE(line->given[0].value);
  EXPECT_THAT(line->rest, ElementsAre("never"));
  EXPECT_THAT(flags({"--tty=never", "-t=auto", "--tty={}", "--tty=[a,b]"}),
              ElementsAre("tty=never", "tty=auto", "tty={}", "tty=[a,b]"));
}

TEST(CommandLineReader, UnbundlesLetters) {
  EXPECT_THAT(flags({"-it", "-tiv", "/a"}),
              ElementsAre("interactive", "tty", "tty", "interactive", "volume=/a"));
  EXPECT_THAT(flags({"-it=never", "-iv/a"}),
              ElementsAre("interactive", "tty=never", "interactive", "volume=/a"));
}

TEST(CommandLineReader, ReadsTrueAndFalseOfSwitches) {
  EXPECT_THAT(flags({"--read-only=false", "--read-only=true", "-i=false"}),
              ElementsAre("read-only off", "read-only", "interactive off"));
  EXPECT_THAT(flags({"--tty=false", "--tty=true", "-t=false"}), ElementsAre("tty off", "tty", "tty off"))
      << "a value that may be left out";
  EXPECT_THAT(refusals({"--read-only=maybe"}),
              ElementsAre("cannot read --read-only=maybe: 'maybe' is neither true nor false"));
}

TEST(CommandLineReader, TakesAnyBytesAsAValue) {
  EXPECT_THAT(
      flags({"-e", "", "-e=", "--env=", "-e", "--", "-e", "-v", "-e", "[x,y]", "-e", "{}", "--env==a", "-e",
             "\xFF\n"}),
      ElementsAre("env=", "env=", "env=", "env=--", "env=-v", "env=[x,y]", "env={}", "env==a", "env=\xFF\n"));
}

TEST(CommandLineReader, EndsFlagsAtTheFirstOtherArgument) {
  const Result<CommandLine> line = read({"-i", "root", "-v", "--bogus", "--"});
  ASSERT_TRUE(line);
  EXPECT_THAT(line->rest, ElementsAre("root", "-v", "--bogus", "--"));
  EXPECT_FALSE(line->rest_is_marked);
}

TEST(CommandLineReader, EndsFlagsAtTwoDashes) {
  const Result<CommandLine> line = read({"-i", "--", "--read-only", "--"});
  ASSERT_TRUE(line);
  EXPECT_EQ(line->given.size(), 1U);
  EXPECT_THAT(line->rest, ElementsAre("--read-only", "--"));
  EXPECT_TRUE(line->rest_is_marked);
}

TEST(CommandLineReader, TakesASingleDashAndAnEmptyWordForArguments) {
  EXPECT_THAT(read({"-", "-i"})->rest, ElementsAre("-", "-i"));
  EXPECT_THAT(read({"", "-i"})->rest, ElementsAre("", "-i"));
}

TEST(CommandLineReader, FindsFlagsAnywhereWhereTheVerbHasNoCommand) {
  const Result<CommandLine> line = read({"make", "-i", "dir", "--tty=x", "--", "-v"}, Positionals::kAnywhere);
  ASSERT_TRUE(line);
  EXPECT_EQ(line->given.size(), 2U);
  EXPECT_THAT(line->rest, ElementsAre("make", "dir", "-v"));
}

TEST(CommandLineReader, RemembersWhatWasTyped) {
  EXPECT_THAT(typed({"-v", "/a:/b", "--volume=/c", "-it", "--env", "X"}),
              ElementsAre("-v /a:/b", "--volume=/c", "-i", "-t", "--env X"));
}

TEST(CommandLineReader, NamesEveryUnknownFlag) {
  EXPECT_THAT(
      refusals({"--bogus", "-i", "-x", "--restart", "always", "-id", "root", "--later"}),
      ElementsAre("cannot use --bogus: unknown flag", "cannot use -x: unknown flag",
                  "cannot use --restart: kelp starts nothing again", "cannot use -d: not in the background"));
}

TEST(CommandLineReader, NamesTheLetterOfABundle) {
  EXPECT_THAT(refusals({"-ixt"}), ElementsAre("cannot use -x of -ixt: unknown flag"));
  EXPECT_THAT(refusals({"-\xC3\xA9"}), ElementsAre("cannot use -\xC3\xA9: unknown flag"));
}

TEST(CommandLineReader, SuggestsTheNearestName) {
  EXPECT_EQ(read({"--raed-only"}).error().hint(), "did you mean --read-only?");
  EXPECT_EQ(read({"--interact"}).error().hint(), "did you mean --interactive?");
  EXPECT_EQ(read({"--zzzzzz"}).error().hint(), "");
  EXPECT_EQ(read({"-help"}).error().hint(), "did you mean --help?");
  EXPECT_EQ(read({"--restart=always"}).error().hint(), "use a loop");
}

TEST(CommandLineReader, SaysThatAValueIsMissing) {
  EXPECT_THAT(refusals({"-i", "-v"}), ElementsAre("cannot read -v: its value is missing (SRC:DST)"));
  EXPECT_THAT(refusals({"--tty="}), ElementsAre("cannot read --tty=: the value is empty"));
}

TEST(CommandLineReader, NamesAnEmptyFlagAsItWasTyped) {
  EXPECT_THAT(refusals({"--=x"}), ElementsAre("cannot use --: unknown flag"));
}

TEST(CommandLineReader, TakesAHundredThousandArguments) {
  Words args;
  for (int i = 0; i < 50'000; ++i) {
    args.emplace_back("-v");
    args.push_back(cat("/a", i, ":/b"));
  }
  args.emplace_back("root");
  const Result<CommandLine> line = read(args);
  ASSERT_TRUE(line);
  EXPECT_EQ(line->given.size(), 50'000U);
  EXPECT_EQ(line->given.back().value, "/a49999:/b");
}

TEST(CommandLineReader, SurvivesRandomBytes) {
  std::mt19937 random(20240229);
  constexpr std::string_view kLikely = "-=-vtie\0\xFF[]{}read-only";
  for (int round = 0; round < 5'000; ++round) {
    Words args(random() % 4);
    for (std::string& arg : args) {
      if (random() % 2 == 0) arg = "--";
      for (std::size_t n = random() % 8; n > 0; --n) arg += kLikely[random() % kLikely.size()];
    }
    const Result<CommandLine> line = read(args);
    if (line) continue;
    EXPECT_THAT(line.error().sentence(), testing::StartsWith("cannot "));
    EXPECT_THAT(line.error().sentence(), testing::Not(HasSubstr("command line")));
  }
}

TEST(Nearest, FindsSlipsAndBeginningsOnly) {
  constexpr std::array<std::string_view, 3> kWords = {"volume", "network", "no-hosts"};
  EXPECT_EQ(nearest("voulme", kWords), "volume");
  EXPECT_EQ(nearest("netwrok", kWords), "network");
  EXPECT_EQ(nearest("netw", kWords), "network");
  EXPECT_EQ(nearest("x", kWords), "");
  EXPECT_EQ(nearest("completely-else", kWords), "");
  EXPECT_EQ(nearest(std::string(100'000, 'v'), kWords), "");
}

TEST(Help, GroupsFlagsAndKeepsToEightyColumns) {
  const std::string text = help_text({.usage = "kelp x",
                                      .about = std::string(50, 'w') + " " + std::string(50, 'w'),
                                      .flags = kTable,
                                      .after = "end\n"});
  EXPECT_THAT(text, HasSubstr("\nOne:\n  -v, --volume SRC:DST"));
  EXPECT_THAT(text, HasSubstr("  -t, --tty[=MODE]"));
  EXPECT_THAT(text, HasSubstr("      --read-only"));
  for (const std::string_view line : split(text, '\n')) EXPECT_LE(line.size(), 80U) << line;
}

}  // namespace
}  // namespace kelp::cli
