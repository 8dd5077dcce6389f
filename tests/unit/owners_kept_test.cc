// SPDX-License-Identifier: Apache-2.0
// The text that is kept of a file is that of containers/storage, and what is none is not believed.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "owners/kept.h"

namespace kelp::owners {
namespace {

TEST(KeptStat, IsWrittenAsContainersStorageWritesIt) {
  EXPECT_EQ(text_of({.user = 0, .group = 0, .permissions = 0755, .type = S_IFREG}), "0:0:0755:file");
  EXPECT_EQ(text_of({.user = 1, .group = 12, .permissions = 0755, .type = S_IFDIR}), "1:12:0755:dir");
  EXPECT_EQ(text_of({.user = 33, .group = 8, .permissions = 04755, .type = S_IFREG}), "33:8:4755:file");
  EXPECT_EQ(text_of({.permissions = 0777, .type = S_IFLNK}), "0:0:0777:symlink");
  EXPECT_EQ(text_of({.permissions = 0666, .type = S_IFIFO}), "0:0:0666:pipe");
  EXPECT_EQ(text_of({.permissions = 0700, .type = S_IFSOCK}), "0:0:0700:socket");
  EXPECT_EQ(text_of({.group = 6, .permissions = 0660, .type = S_IFBLK, .major = 8}), "0:6:0660:block-8-0");
  EXPECT_EQ(text_of({.permissions = 0, .type = S_IFCHR, .major = 1, .minor = 3}), "0:0:0000:char-1-3");
}

TEST(KeptStat, IsReadAsItWasWritten) {
  for (const char* text : {"0:0:0755:file", "4294967294:12:7777:dir", "33:8:4755:symlink", "1:2:0000:pipe",
                           "1:2:0600:socket", "0:6:0660:block-4095-1048575", "0:0:0666:char-1-3"}) {
    const auto kept = read_kept(text);
    ASSERT_TRUE(kept) << text;
    EXPECT_EQ(text_of(*kept), text);
  }
}

TEST(KeptStat, IsReadWhereOthersWroteLessOrMore) {
  EXPECT_EQ(read_kept("5:6:755"), (Kept{.user = 5, .group = 6, .permissions = 0755}));
  EXPECT_EQ(read_kept("5:6:0100644"), (Kept{.user = 5, .group = 6, .permissions = 0644})) << "type bits";
  EXPECT_EQ(read_kept("5:6:0644:file:more")->type, mode_t{S_IFREG});
  EXPECT_EQ(read_kept("5:6:0644:char-1-3-9")->minor, 3U);
}

TEST(KeptStat, IsNotBelievedWhereItIsNone) {
  for (const char* text :
       {"", ":", "0:0", "0:0:", "a:0:0755:file", "-1:0:0755:file", "0:4294967295:0755:file", "0:0:0999:file",
        "0:0:0755:", "0:0:0755:door", "0:0:0755:char", "0:0:0755:char-1", "0:0:0755:char-1-",
        "0:0:0755:block-4096-0", "0:0:0755:block-1-1048576", "0:0:9999999:file", " 0:0:0755:file"}) {
    EXPECT_FALSE(read_kept(text)) << text;
  }
}

}  // namespace
}  // namespace kelp::owners
