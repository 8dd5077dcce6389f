// SPDX-License-Identifier: Apache-2.0
// What `kelp rootfs make` makes, as kelp-rootfs(1) promises it. What it refuses, and what it withstands, is
// in rootfs_safety_test.cc.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "harness/harness.h"
#include "unit/elf_builder.h"

namespace kelp {
namespace {

namespace fs = std::filesystem;
using harness::Argv;
using harness::Outcome;
using harness::TempDir;
using test::build_elf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Outcome make_root(const std::string& directory, const Argv& rest) {
  Argv arguments = {"rootfs", "make", directory};
  arguments.insert(arguments.end(), rest.begin(), rest.end());
  return harness::kelp(arguments);
}

struct stat look_at(const std::string& path) {
  struct stat info{};
  EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
  return info;
}

// Everything that a second run must leave alone, by path.
std::map<std::string, std::string> snapshot(const std::string& directory) {
  std::map<std::string, std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    const struct stat info = look_at(entry.path());
    std::string& text = all[entry.path()];
    text = std::to_string(info.st_mode) + " " + std::to_string(info.st_ino) + " " +
           std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec);
    if (S_ISLNK(info.st_mode)) text += " " + fs::read_symlink(entry.path()).string();
    if (S_ISREG(info.st_mode)) text += " " + harness::read_file(entry.path());
  }
  return all;
}

TEST(Rootfs, MakesARootThatRuns) {
  const TempDir here;
  const std::string root = here.path() + "/root";
  const Outcome made = make_root(root, {"sh", "ls", "cat", "id"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(made.err, "");
  EXPECT_THAT(made.out, HasSubstr("copied /"));
  const Outcome ran = harness::kelp({"run", root, "sh", "-c", "id -u; id -un; cat /etc/passwd; ls -d /tmp"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("0\nroot\nroot:x:0:0:"));
  EXPECT_THAT(ran.out, HasSubstr("/tmp\n"));
}

TEST(Rootfs, LeavesNothingForRunToMake) {
  const TempDir here;
  const std::string root = here.path() + "/root";
  ASSERT_EQ(make_root(root, {"sh"}).status, 0);
  const auto before = snapshot(root);
  ASSERT_EQ(harness::kelp({"run", root, "sh", "-c", ":"}).status, 0);
  EXPECT_EQ(snapshot(root), before);
}

TEST(Rootfs, DoneTwiceChangesNothing) {
  const TempDir here;
  const std::string root = here.path() + "/root";
  ASSERT_EQ(make_root(root, {"sh", "ls"}).status, 0);
  const auto before = snapshot(root);
  const Outcome again = make_root(root, {"sh", "ls"});
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.out, StartsWith("unchanged: "));
  EXPECT_THAT(again.out, Not(HasSubstr("copied")));
  EXPECT_EQ(snapshot(root), before);
}

TEST(Rootfs, AddsToARootThatItMadeBefore) {
  const TempDir here;
  const std::string root = here.path() + "/root";
  ASSERT_EQ(make_root(root, {"sh"}).status, 0);
  const auto before = snapshot(root);
  const Outcome more = make_root(root, {"sh", here.file("bin/more", "#!/bin/sh\n", 0755)});
  ASSERT_EQ(more.status, 0) << more.err;
  EXPECT_THAT(more.out, HasSubstr(" unchanged"));
  const auto after = snapshot(root);
  for (const auto& [path, what] : before) {
    if (fs::is_directory(path)) continue;
    EXPECT_EQ(after.at(path), what) << path;
  }
  EXPECT_TRUE(after.contains(root + here.path() + "/bin/more"));
}

TEST(Rootfs, KeepsEveryLinkOnTheWay) {
  const TempDir here;
  here.file("real/tool-1.2", "#!/bin/sh\n", 0755);
  here.link("real/tool", "tool-1.2");
  here.link("merged", "real");
  const std::string root = here.path() + "/root";
  ASSERT_EQ(make_root(root, {here.path() + "/merged/tool"}).status, 0);
  const std::string inside = root + here.path();
  EXPECT_EQ(fs::read_symlink(inside + "/merged"), "real");
  EXPECT_EQ(fs::read_symlink(inside + "/real/tool"), "tool-1.2");
  EXPECT_EQ(harness::read_file(inside + "/real/tool-1.2"), "#!/bin/sh\n");
  // The layout of the host, too: /bin is a link where it is one there.
  EXPECT_EQ(fs::is_symlink(root + "/bin"), fs::is_symlink("/bin"));
}

TEST(Rootfs, KeepsModeAndTimeOfFiles) {
  const TempDir here;
  const std::string tool = here.file("tool", "#!/bin/sh\n", 0751);
  const timespec times[2] = {{1000, 0}, {1234567890, 123000000}};
  ASSERT_EQ(::utimensat(AT_FDCWD, tool.c_str(), times, 0), 0);
  const std::string root = here.path() + "/root";
  ASSERT_EQ(make_root(root, {tool}).status, 0);
  const struct stat copy = look_at(root + tool);
  EXPECT_EQ(copy.st_mode & 07777U, 0751U);
  EXPECT_EQ(copy.st_mtim.tv_sec, 1234567890);
  EXPECT_EQ(look_at(root + "/tmp").st_mode & 07777U, 01777U);
  EXPECT_EQ(look_at(root + "/root").st_mode & 07777U, 0700U);
}

TEST(Rootfs, FollowsScriptsToTheirInterpreters) {
  const TempDir here;
  const std::string second = here.file("second", "#! /bin/sh -e\n", 0755);
  const std::string first = here.file("first", "#!" + second + "\n", 0755);
  const std::string by_env = here.file("by-env", "#!/usr/bin/env -S cat -n\n", 0755);
  const std::string root = here.path() + "/root";
  const Outcome made = make_root(root, {first, by_env});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_TRUE(fs::exists(root + second));
  EXPECT_THAT(made.out, HasSubstr("/env\n"));
  EXPECT_THAT(made.out, HasSubstr("/cat\n"));
  EXPECT_TRUE(fs::exists(fs::symlink_status(root + "/bin/sh")));
}

TEST(Rootfs, BringsLibrariesOfLibraries) {
  const TempDir here;
  const std::string tool =
      here.file("bin/tool", build_elf({.needed = {"liba.so"}, .runpath = "$ORIGIN/../lib"}), 0755);
  here.file("lib/liba.so", build_elf({.needed = {"libb.so"}, .runpath = "$ORIGIN"}));
  here.link("lib/libb.so", "libb.so.1.0");
  here.file("lib/libb.so.1.0", build_elf({.soname = "libb.so"}));
  const std::string root = here.path() + "/root";
  const Outcome made = make_root(root, {tool});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(fs::read_symlink(root + here.path() + "/lib/libb.so"), "libb.so.1.0");
  EXPECT_TRUE(fs::is_regular_file(root + here.path() + "/lib/libb.so.1.0"));
}

TEST(Rootfs, CopiesWholeDirectories) {
  const TempDir here;
  here.file("extra/deep/er/file", "text", 0640);
  here.file("elsewhere/target", "far");
  here.link("extra/file-elsewhere", here.path() + "/elsewhere/target");
  here.link("extra/nowhere", "/no/such/place");
  here.link("extra/directory-elsewhere", "../elsewhere");
  here.dir("extra/empty");
  ASSERT_EQ(::mkfifo((here.path() + "/extra/fifo").c_str(), 0600), 0);
  const std::string root = here.path() + "/root";
  const Outcome made = make_root(root, {"sh", "--with", here.path() + "/extra"});
  ASSERT_EQ(made.status, 0) << made.err;
  const std::string inside = root + here.path();
  EXPECT_EQ(harness::read_file(inside + "/extra/deep/er/file"), "text");
  EXPECT_EQ(look_at(inside + "/extra/deep/er/file").st_mode & 07777U, 0640U);
  EXPECT_EQ(harness::read_file(inside + "/elsewhere/target"), "far");
  EXPECT_EQ(fs::read_symlink(inside + "/extra/nowhere"), "/no/such/place");
  EXPECT_EQ(fs::read_symlink(inside + "/extra/directory-elsewhere"), "../elsewhere");
  EXPECT_TRUE(fs::is_directory(inside + "/extra/empty"));
  EXPECT_FALSE(fs::exists(fs::symlink_status(inside + "/extra/fifo")));
  EXPECT_THAT(made.err, HasSubstr("/extra/fifo is not copied"));
  EXPECT_THAT(made.err, HasSubstr("/extra/directory-elsewhere leads to the directory"));
}

TEST(Rootfs, WarnsOfALibraryThatAnExtraFileLacks) {
  const TempDir here;
  const std::string plugin = here.file("plugin.so", build_elf({.needed = {"libkelp-missing.so"}}));
  const Outcome made = make_root(here.path() + "/root", {"sh", "--with", plugin});
  EXPECT_EQ(made.status, 0);
  EXPECT_THAT(made.err, HasSubstr("kelp: warning: " + plugin + " needs the library libkelp-missing.so"));
}

TEST(Rootfs, KeepsHolesAsHoles) {
  const TempDir here;
  const std::string sparse = here.file("sparse", "start");
  constexpr off_t kSize = off_t{64} << 20;
  ASSERT_EQ(::truncate(sparse.c_str(), kSize), 0);
  KELP_REQUIRE(look_at(sparse).st_blocks < 1000, "no holes on this file system");
  std::ofstream(sparse, std::ios::in | std::ios::binary).seekp(kSize - 3) << "end";
  const std::string root = here.path() + "/root";
  ASSERT_EQ(make_root(root, {"sh", "--with", sparse}).status, 0);
  const struct stat copy = look_at(root + sparse);
  EXPECT_EQ(copy.st_size, kSize);
  EXPECT_LT(copy.st_blocks, 1000);
  EXPECT_EQ(harness::read_file(root + sparse), harness::read_file(sparse));
}

TEST(Rootfs, DropsTheSetuidBitAndSaysSo) {
  const TempDir here;
  const std::string tool = here.file("tool", "#!/bin/sh\n", 06755);
  const std::string root = here.path() + "/root";
  const Outcome made = make_root(root, {tool});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("copied " + tool + " (without its setuid bit and its setgid bit)\n"));
  EXPECT_EQ(look_at(root + tool).st_mode & 07777U, 0755U);
}

TEST(Rootfs, LeavesTheUsersOwnPasswdAlone) {
  const TempDir here;
  here.file("root/etc/passwd", "root:x:0:0:me:/root:/bin/sh\n");
  const std::string root = here.path() + "/root";
  ASSERT_EQ(make_root(root, {"sh"}).status, 0);
  EXPECT_EQ(harness::read_file(root + "/etc/passwd"), "root:x:0:0:me:/root:/bin/sh\n");
  EXPECT_THAT(harness::read_file(root + "/etc/group"), HasSubstr("nogroup:x:65534:"));
  EXPECT_THAT(harness::read_file(root + "/etc/nsswitch.conf"), HasSubstr("passwd: files\n"));
}

TEST(Rootfs, PrintsJson) {
  const TempDir here;
  const std::string tool = here.file("to\nol", "#!/bin/sh\n", 04755);
  const Outcome made = make_root(here.path() + "/root", {"--json", tool});
  ASSERT_EQ(made.status, 0) << made.err;
  const nlohmann::json document = nlohmann::json::parse(made.out);
  EXPECT_EQ(document["directory"], here.path() + "/root");
  EXPECT_GT(document["copied"], 1);
  EXPECT_EQ(document["unchanged"], 0);
  const auto& paths = document["paths"];
  const auto found = std::find_if(paths.begin(), paths.end(), [&](const nlohmann::json& one) {
    return one["path"] == here.path() + "/to\\x0Aol";
  });
  ASSERT_NE(found, paths.end());
  EXPECT_EQ((*found)["what"], "copied");
  EXPECT_EQ((*found)["bytes"], 10);
  EXPECT_EQ((*found)["dropped"][0], "setuid bit");
}

TEST(Rootfs, ShowsNamesThatATerminalShouldNotGet) {
  const TempDir here;
  const std::string tool = here.file("to\x1b[31mol", "#!/bin/sh\n", 0755);
  const Outcome made = make_root(here.path() + "/root", {tool});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("to\\x1B[31mol\n"));
  EXPECT_THAT(made.out, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace kelp
