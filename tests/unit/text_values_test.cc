// SPDX-License-Identifier: Apache-2.0
// Strict numbers, sizes, splitting, and showing bytes that nobody should get raw.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/counted.h"
#include "base/error.h"
#include "base/text.h"

namespace kelp {
namespace {

using testing::ElementsAre;

TEST(Counted, AgreesWithItsNumber) {
  EXPECT_EQ(counted(0, "port"), "0 ports");
  EXPECT_EQ(counted(1, "port"), "1 port");
  EXPECT_EQ(counted(2, "port"), "2 ports");
}

TEST(Decimal, TakesDigitsOnly) {
  EXPECT_EQ(read_decimal("0", 10), 0U);
  EXPECT_EQ(read_decimal("10", 10), 10U);
  EXPECT_EQ(read_decimal("007", 10), 7U);
  for (const char* text : {"", "+1", "-1", "-0", " 1", "1 ", "1\n", "0x1", "1e3", "1.0", "1,0", "\xd9\xa1"})
    EXPECT_EQ(read_decimal(text, UINT64_MAX), std::nullopt) << text;
  EXPECT_EQ(read_decimal(std::string_view("1\0", 2), UINT64_MAX), std::nullopt);
}

TEST(Decimal, EndsAtItsLimit) {
  EXPECT_EQ(read_decimal("11", 10), std::nullopt);
  EXPECT_EQ(read_decimal("18446744073709551615", UINT64_MAX), UINT64_MAX);
  EXPECT_EQ(read_decimal("18446744073709551616", UINT64_MAX), std::nullopt);
  EXPECT_EQ(read_decimal("4294967296", 0xFFFFFFFF), std::nullopt) << "not 0";
  EXPECT_EQ(read_decimal("99999999999999999999999999999999", UINT64_MAX), std::nullopt);
}

TEST(Octal, TakesModes) {
  EXPECT_EQ(read_octal("1777", 07777), 01777U);
  EXPECT_EQ(read_octal("8", 07777), std::nullopt);
  EXPECT_EQ(read_octal("10000", 07777), std::nullopt);
  EXPECT_EQ(read_octal("-1", 07777), std::nullopt);
}

TEST(Size, KnowsThePowersOf1024) {
  EXPECT_EQ(read_size("5"), 5U);
  EXPECT_EQ(read_size("5b"), 5U);
  EXPECT_EQ(read_size("1k"), 1024U);
  EXPECT_EQ(read_size("64M"), 64U << 20U);
  EXPECT_EQ(read_size("2gb"), 2ULL << 30U);
  EXPECT_EQ(read_size("1T"), 1ULL << 40U);
  for (const char* text : {"", "k", "b", "kb", "1kk", "1x", "-1k", "1 k", "1.5g"})
    EXPECT_EQ(read_size(text), std::nullopt) << text;
}

TEST(Size, DoesNotOverflow) {
  EXPECT_EQ(read_size("16777215t"), 16777215ULL << 40U);
  EXPECT_EQ(read_size("16777216t"), std::nullopt);
  EXPECT_EQ(read_size("18446744073709551615k"), std::nullopt);
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_THAT(split("a:b:", ':'), ElementsAre("a", "b", ""));
  EXPECT_THAT(split("", ':'), ElementsAre(""));
  EXPECT_THAT(split("::", ':'), ElementsAre("", "", ""));
}

TEST(Join, IsItsInverse) {
  EXPECT_EQ(join({"a", "", "c"}, ":"), "a::c");
  EXPECT_EQ(join({"", "b"}, ":"), ":b");
  EXPECT_EQ(join({}, ":"), "");
}

TEST(Trimmed, TakesBlanksAndTabsOnly) {
  EXPECT_EQ(trimmed(" \t a b\t "), "a b");
  EXPECT_EQ(trimmed(" \t"), "");
  EXPECT_EQ(trimmed("\na"), "\na");
}

TEST(Pattern, HasOneWildcardAtItsEnd) {
  EXPECT_TRUE(matches_prefix_pattern("LC_ALL", "LC_*"));
  EXPECT_TRUE(matches_prefix_pattern("LC_", "LC_*"));
  EXPECT_TRUE(matches_prefix_pattern("x", "*"));
  EXPECT_FALSE(matches_prefix_pattern("XLC_", "LC_*"));
  EXPECT_FALSE(matches_prefix_pattern("LC_ALL", "LC_"));
  EXPECT_FALSE(matches_prefix_pattern("aXb", "a*b"));
}

TEST(Printable, ShowsWhatCouldSteerATerminal) {
  EXPECT_EQ(printable("plain text, \xc3\xa4\xe2\x82\xac\xf0\x9f\x8c\x8a"),
            "plain text, \xc3\xa4\xe2\x82\xac\xf0\x9f\x8c\x8a");
  EXPECT_EQ(printable("a\nb\x1b[31m\x7f"), "a\\x0Ab\\x1B[31m\\x7F");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\xC2\\x9B31m")
      << "a C1 control sequence introducer";
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
}

TEST(Printable, ShowsWhatTurnsTheOrderOfALineOrEndsIt) {
  EXPECT_EQ(printable("gpj.\u202Etxt"), "gpj.\\xE2\\x80\\xAEtxt");
  for (const char* text :
       {"\u061C", "\u200E", "\u200F", "\u2028", "\u2029", "\u202A", "\u202E", "\u2066", "\u2069"})
    EXPECT_THAT(printable(text), testing::StartsWith("\\x")) << text;
  // Their neighbours, which join letters or are mere signs.
  for (const char* text : {"\u061B", "\u200D", "\u2010", "\u2027", "\u202F", "\u2065", "\u206A"})
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, ShowsWhatIsNotUtf8) {
  EXPECT_EQ(printable("\xff"), "\\xFF");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xC0\\xAF") << "an overlong slash";
  EXPECT_EQ(printable("\xe0\x80\xaf"), "\\xE0\\x80\\xAF");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xED\\xA0\\x80") << "a surrogate";
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80") << "behind the last code point";
  EXPECT_EQ(printable("\xe2\x82"), "\\xE2\\x82") << "cut off";
  EXPECT_EQ(printable("\xe2\x82x"), "\\xE2\\x82x");
}

TEST(ShellQuoted, IsSafeToPaste) {
  EXPECT_EQ(shell_quoted("/usr/bin-1.0_x"), "/usr/bin-1.0_x");
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("a b"), "'a b'");
  EXPECT_EQ(shell_quoted("it's $(x) `y`"), "'it'\\''s $(x) `y`'");
  EXPECT_EQ(shell_quoted("a\nb"), "'a\\x0Ab'");
}

TEST(Cat, JoinsTextAndNumbers) { EXPECT_EQ(cat("uid ", 5, ':', std::string("x"), -1), "uid 5:x-1"); }

TEST(Sentence, IsOneLineWhateverItsPartsHold) {
  const Error error = Error("open a\nb", "No such\x1b file").after("because\r").with_hint("x");
  EXPECT_EQ(error.sentence(), "cannot open a\\x0Ab: No such\\x1B file (because\\x0D)");
}

TEST(Sentence, KeepsTheNearestPurposeAndAllProblems) {
  EXPECT_EQ(Error("a", "b").after("near").after("far").sentence(), "cannot a: b (near)");
  const Error all = Error::all_of({Error("a", "1"), Error("b", "2"), Error("c", "3")});
  EXPECT_EQ(all.sentence(), "cannot a: 1");
  EXPECT_EQ(all.others().size(), 2U);
}

}  // namespace
}  // namespace kelp
