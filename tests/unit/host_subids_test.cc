// SPDX-License-Identifier: Apache-2.0
// The reader of /etc/subuid and /etc/subgid, and the arithmetic on ranges.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <random>
#include <string>

#include "base/text.h"
#include "harness/places.h"
#include "host/libsubid.h"
#include "host/subids.h"

namespace kelp::host {
namespace {

using harness::TempDir;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const RangeOwner kAlice{.name = "alice", .uid = 1000};

RangeList read(std::string_view text) { return read_ranges(text, "/etc/subuid", kAlice); }

SubordinateRange range(std::uint32_t first, std::uint32_t count) { return {.first = first, .count = count}; }

TEST(Subids, TakesEveryLineOfTheOwnerByNameAndByUid) {
  const RangeList list = read("bob:1:1\nalice:100000:65536\n1000:300000:10\ncarol:5:5\nalice:500000:1\n");
  EXPECT_THAT(list.ranges, ElementsAre(range(100000, 65536), range(300000, 10), range(500000, 1)));
  EXPECT_THAT(list.warnings, IsEmpty());
}

TEST(Subids, ANumberIsNeverAName) {
  const RangeOwner owner{.name = "1000", .uid = 7};
  EXPECT_THAT(read_ranges("1000:100000:65536\n", "f", owner).ranges, IsEmpty());
  EXPECT_THAT(read_ranges("7:100000:65536\n", "f", owner).ranges, ElementsAre(range(100000, 65536)));
}

TEST(Subids, AnOwnerIsMatchedWholeAndByOneSpellingOfItsUid) {
  EXPECT_THAT(read("alice2:1:1\nalic:1:1\nAlice:1:1\n01000:1:1\n+1000:1:1\n").ranges, IsEmpty());
}

TEST(Subids, AnUnknownNameMatchesNoLine) {
  EXPECT_THAT(read_ranges(":100000:65536\n", "f", {.name = "", .uid = 5}).ranges, IsEmpty());
}

TEST(Subids, TheLastLineMayLackItsNewline) {
  EXPECT_THAT(read("alice:100000:65536").ranges, ElementsAre(range(100000, 65536)));
}

TEST(Subids, CommentsAndEmptyLinesAreNoMistake) {
  const RangeList list = read("# alice:1:1\n\n  \t\nalice:100000:65536\n");
  EXPECT_THAT(list.ranges, ElementsAre(range(100000, 65536)));
  EXPECT_THAT(list.warnings, IsEmpty());
}

TEST(Subids, AMalformedLineIsSkippedAndNamedByFileAndNumber) {
  for (const std::string_view bad :
       {"alice", "alice:", "alice:1", "alice 100000 65536", ":1:2", "alice::2", "alice:1:", "alice:x:2",
        "alice:-1:2", "alice:+1:2", "alice: 1:2", "alice:1:2:3", "alice:0x10:2", "alice:1:0",
        "alice:99999999999999999999999:1", "alice:4294967295:1", "alice:4294967294:2", "alice:1:4294967295",
        "alice:18446744073709551615:2"}) {
    const RangeList list = read(cat("bob:1:1\n", bad, "\nalice:100000:65536\n"));
    EXPECT_THAT(list.ranges, ElementsAre(range(100000, 65536))) << bad;
    EXPECT_THAT(list.warnings, ElementsAre(HasSubstr("/etc/subuid: line 2 is skipped"))) << bad;
  }
}

// newuidmap does not believe such a line, so a map made of it would be refused.
TEST(Subids, ALineThatEndsInACarriageReturnIsNotBelieved) {
  const RangeList list = read("alice:100000:65536\r\n\r\n");
  EXPECT_THAT(list.ranges, IsEmpty());
  EXPECT_THAT(list.warnings, ElementsAre(HasSubstr("carriage return")));
}

TEST(Subids, SomebodyElsesMistakeIsNotOurs) { EXPECT_THAT(read("bob:x:y\n").warnings, IsEmpty()); }

TEST(Subids, ABrokenFileDoesNotFloodTheTerminal) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "nonsense\n";
  EXPECT_EQ(read(text).warnings.size(), 4U);
}

TEST(Subids, TheHighestRangeThereIsIsTaken) {
  EXPECT_THAT(read("alice:0:4294967295\n").ranges, ElementsAre(range(0, 4294967295U)));
  EXPECT_THAT(read("alice:4294967294:1\n").ranges, ElementsAre(range(4294967294U, 1)));
}

TEST(Subids, ALaterLineNeverMovesWhatAnEarlierOneGave) {
  EXPECT_THAT(read("alice:100:10\nalice:105:10\n").ranges, ElementsAre(range(100, 10), range(110, 5)));
  EXPECT_THAT(read("alice:100:10\nalice:95:30\n").ranges,
              ElementsAre(range(100, 10), range(95, 5), range(110, 15)));
  EXPECT_THAT(read("alice:100:10\n1000:100:10\n").ranges, ElementsAre(range(100, 10)));
}

TEST(Subids, RangesThatContinueEachOtherStayTwoExtents) {
  EXPECT_THAT(read("alice:100:10\nalice:110:5\n").ranges, ElementsAre(range(100, 10), range(110, 5)));
}

TEST(Subids, NoMoreRangesThanAMapCanHold) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += cat("alice:", 100'000 + i * 10, ":5\n");
  const RangeList list = read(text);
  EXPECT_EQ(list.ranges.size(), kMostRanges);
  EXPECT_FALSE(list.warnings.empty());
}

TEST(Subids, AMissingFileHasNoRangesAndAnythingButAFileIsRefused) {
  const TempDir place;
  EXPECT_EQ(*read_range_file(cat(place.path(), "/none"), kAlice), RangeList{});
  EXPECT_THAT(read_range_file(place.path(), kAlice)->warnings, ElementsAre(HasSubstr("not a regular file")));
  const std::string fifo = cat(place.path(), "/fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_THAT(read_range_file(fifo, kAlice)->warnings, ElementsAre(HasSubstr("not a regular file")));
}

TEST(Subids, AFileOfAManyUsersAndOneEndlessLineIsReadToItsEnd) {
  const TempDir place;
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += cat("user", i, ":", 100'000 + i, ":1\n");
  text += std::string(300'000, 'x') + "\n";
  text += "alice:100000:65536";
  const RangeList list = *read_range_file(place.file("subuid", text), kAlice);
  EXPECT_THAT(list.ranges, ElementsAre(range(100000, 65536)));
  EXPECT_THAT(list.warnings, ElementsAre(HasSubstr("line 50001 ")));
}

TEST(Subids, AFileBeyondTheBoundIsReadInPartAndSaidSo) {
  const TempDir place;
  const std::string text =
      "alice:100000:65536\n" + std::string(LineReader::kLargestFile, '#') + "\nalice:1:1\n";
  const RangeList list = *read_range_file(place.file("subuid", text), kAlice);
  EXPECT_THAT(list.ranges, ElementsAre(range(100000, 65536)));
  EXPECT_THAT(list.warnings, ElementsAre(HasSubstr("only its first part is read")));
}

// The file and the text give the same, wherever the reader's buffer happens to end.
TEST(Subids, ReadsAFileAsItReadsAText) {
  const TempDir place;
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    std::string text;
    while (text.size() < 200'000) {
      text += random() % 9 == 0
                  ? cat("alice:", random(), ":", random() % 100'000, "\n")
                  : cat("user", random() % 100'000, ":", std::string(random() % 200, '1'), ":1\n");
    }
    const std::string path = place.file(cat("f", round), text);
    const RangeList from_text = read_ranges(text, path, kAlice);
    EXPECT_EQ(*read_range_file(path, kAlice), from_text);
    ASSERT_FALSE(from_text.ranges.empty());
  }
}

// Whatever the text: no overlap, no id beyond the last one, a bounded number.
TEST(Subids, RandomTextsGiveRangesThatAMapCanHold) {
  std::mt19937 random(42);
  static constexpr std::string_view kBytes = "0123456789::::alice\n\n\n\r# -x4294967295";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t i = random() % 120; i > 0; --i) {
      text += random() % 6 == 0 ? std::string("alice:") : std::string(1, kBytes[random() % kBytes.size()]);
    }
    const RangeList list = read(text);
    ASSERT_LE(list.ranges.size(), kMostRanges);
    for (std::size_t i = 0; i < list.ranges.size(); ++i) {
      ASSERT_TRUE(is_valid(list.ranges[i].first, list.ranges[i].count)) << text;
      for (std::size_t j = 0; j < i; ++j)
        ASSERT_TRUE(within({list.ranges[i]}, {list.ranges[j]}).empty()) << text;
    }
  }
}

TEST(Ranges, AreCutAroundTheCallersOwnId) {
  EXPECT_THAT(without(range(100, 10), {range(105, 1)}), ElementsAre(range(100, 5), range(106, 4)));
  EXPECT_THAT(without(range(100, 10), {range(0, 4294967295U)}), IsEmpty());
  EXPECT_THAT(without(range(4294967290U, 5), {range(4294967294U, 1)}), ElementsAre(range(4294967290U, 4)));
}

TEST(Ranges, AreClippedToWhatTheNamespaceMaps) {
  EXPECT_THAT(within({range(100000, 65536)}, {range(0, 65536)}), IsEmpty());
  EXPECT_THAT(within({range(60000, 10000)}, {range(0, 65536)}), ElementsAre(range(60000, 5536)));
  EXPECT_THAT(within({range(0, 4294967295U)}, {range(5, 1), range(0, 2)}),
              ElementsAre(range(0, 2), range(5, 1)));
}

TEST(Libsubid, IsAskedOnlyWhereNsswitchNamesAnotherSource) {
  EXPECT_FALSE(names_other_subid_source(""));
  EXPECT_FALSE(names_other_subid_source("passwd: files sss\n"));
  EXPECT_FALSE(names_other_subid_source("subid: files\n"));
  EXPECT_FALSE(names_other_subid_source("subid:\tfiles  # sss\n"));
  EXPECT_FALSE(names_other_subid_source("# subid: sss\n"));
  EXPECT_TRUE(names_other_subid_source("passwd: files\n  subid:   sss\n"));
}

}  // namespace
}  // namespace kelp::host
