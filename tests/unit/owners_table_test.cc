// SPDX-License-Identifier: Apache-2.0
// The table of what files cannot carry: its lines, what others write to it, and inodes that are given again.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "owners/table.h"

namespace kelp::owners {
namespace {

constexpr Kept kLink = {.user = 33, .group = 42, .permissions = 0777, .type = S_IFLNK};
constexpr FileId kFile = {.inode = 12, .born_s = 1700000000, .born_ns = 5};

class KeptTable : public testing::Test {
 protected:
  // Another descriptor of the same open file, so that it goes on where the last one wrote.
  Table open() const { return Table(sys::UniqueFd(::dup(file))); }
  void write(const std::string& text) const {
    ASSERT_EQ(::write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  std::string content() const {
    std::string out(4096, '\0');
    out.resize(static_cast<std::size_t>(::pread(file, out.data(), out.size(), 0)));
    return out;
  }

  int file = ::memfd_create("table", MFD_CLOEXEC);
};

TEST(KeptLine, IsReadAsItWasWritten) {
  const Line line{.file = kFile, .kept = kLink};
  EXPECT_EQ(text_of(line), "12 1700000000.5 33:42:0777:symlink");
  EXPECT_EQ(read_line(text_of(line)), line);
  const Line gone{.file = kFile, .kept = std::nullopt};
  EXPECT_EQ(text_of(gone), "12 1700000000.5 -");
  EXPECT_EQ(read_line(text_of(gone)), gone);
}

TEST(KeptLine, IsNotBelievedWhereItIsNone) {
  for (const char* text :
       {"", "12", "12 1.5", "12 1 -", "12 1.5 ", "12 1.5 x", "12 1.5 0:0:0777:symlink more", "a 1.5 -",
        "-1 1.5 -", "12 1.1000000000 -", "12 -1.0 -", "12 1.5 0:0:0777:door"}) {
    EXPECT_FALSE(read_line(text)) << text;
  }
}

TEST_F(KeptTable, RemembersInTheNextRun) {
  {
    Table table = open();
    table.read_news();
    EXPECT_TRUE(table.is_empty());
    EXPECT_EQ(table.keep(kFile, kLink), 0);
    EXPECT_EQ(table.find(kFile), kLink);
  }
  Table next = open();
  next.read_news();
  EXPECT_FALSE(next.is_empty());
  EXPECT_EQ(next.find(kFile), kLink);
  EXPECT_EQ(next.forget(kFile), 0);
  Table third = open();
  third.read_news();
  EXPECT_TRUE(third.is_empty());
  EXPECT_EQ(content(), "12 1700000000.5 33:42:0777:symlink\n12 1700000000.5 -\n");
  EXPECT_EQ(next.forget(kFile), 0);
  EXPECT_EQ(content(), "12 1700000000.5 33:42:0777:symlink\n12 1700000000.5 -\n") << "nothing to forget";
}

TEST_F(KeptTable, TellsAnInodeThatWasGivenAgain) {
  Table table = open();
  EXPECT_EQ(table.keep(kFile, kLink), 0);
  for (const FileId& other : {FileId{.inode = 12, .born_s = 1700000001, .born_ns = 5},
                              FileId{.inode = 12, .born_s = 1700000000, .born_ns = 6},
                              FileId{.device = 3, .inode = 12, .born_s = 1700000000, .born_ns = 5}}) {
    EXPECT_FALSE(table.find(other));
  }
}

TEST_F(KeptTable, WritesNothingOfOtherFileSystems) {
  Table table = open();
  const FileId elsewhere{.device = 3, .inode = 12};
  EXPECT_EQ(table.keep(elsewhere, kLink), 0);
  EXPECT_EQ(table.find(elsewhere), kLink);
  EXPECT_EQ(content(), "");
}

TEST_F(KeptTable, ReadsWhatOthersWriteMeanwhile) {
  Table table = open();
  EXPECT_EQ(table.keep(kFile, kLink), 0);
  write("13 7.8 5:6:0640:pipe\n12 1700000000.5 -\nnonsense\n14 7.8 1:1:0777:syml");
  table.read_news();
  EXPECT_FALSE(table.is_empty());
  EXPECT_FALSE(table.find(kFile));
  EXPECT_EQ(table.find({.inode = 13, .born_s = 7, .born_ns = 8})->user, 5U);
  EXPECT_FALSE(table.find({.inode = 14, .born_s = 7, .born_ns = 8})) << "its end is not there yet";
  write("ink\n");
  table.read_news();
  EXPECT_FALSE(table.is_empty());
  EXPECT_TRUE(table.find({.inode = 14, .born_s = 7, .born_ns = 8}));
}

TEST_F(KeptTable, LosesNothingBehindALineThatWasCut) {
  write("14 7.8 1:1:0777:syml");
  Table table = open();
  table.read_news();
  EXPECT_EQ(table.keep(kFile, kLink), 0);
  EXPECT_EQ(content(), "14 7.8 1:1:0777:syml\n12 1700000000.5 33:42:0777:symlink\n");
  Table next = open();
  next.read_news();
  EXPECT_EQ(next.find(kFile), kLink);
}

TEST_F(KeptTable, WithoutAFileItLastsAsLongAsTheContainer) {
  Table table;
  table.read_news();
  EXPECT_TRUE(table.is_empty());
  EXPECT_EQ(table.keep(kFile, kLink), 0);
  EXPECT_EQ(table.find(kFile), kLink);
}

// Else the next start would refuse a file that is too large.
TEST_F(KeptTable, GrowsToItsLimitAndNoFurther) {
  Table table = open();
  ASSERT_EQ(::ftruncate(file, kMaxTable - 1), 0);
  EXPECT_EQ(table.keep(kFile, kLink), ENOSPC);
  EXPECT_FALSE(table.find(kFile));
  ASSERT_EQ(::ftruncate(file, kMaxTable - 100), 0);
  EXPECT_EQ(table.keep(kFile, kLink), 0) << "the control";
}

TEST_F(KeptTable, KeepsNothingThatCouldNotBeWritten) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  Table on_full{sys::UniqueFd(full)};
  EXPECT_EQ(on_full.keep(kFile, kLink), ENOSPC);
  EXPECT_FALSE(on_full.find(kFile));
}

}  // namespace
}  // namespace kelp::owners
