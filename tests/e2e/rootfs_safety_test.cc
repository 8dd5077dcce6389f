// SPDX-License-Identifier: Apache-2.0
// What `kelp rootfs make` refuses and withstands: unknown programs, other people's files, hostile links in
// the directory, a full disk, being killed.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <thread>

#include "harness/harness.h"
#include "unit/elf_builder.h"

namespace kelp {
namespace {

namespace fs = std::filesystem;
using harness::Argv;
using harness::Outcome;
using harness::RunOptions;
using harness::TempDir;
using test::build_elf;
using testing::HasSubstr;
using testing::StartsWith;

Outcome make_root(const std::string& directory, const Argv& rest, RunOptions options = {}) {
  Argv arguments = {"rootfs", "make", directory};
  arguments.insert(arguments.end(), rest.begin(), rest.end());
  return harness::kelp(arguments, std::move(options));
}

// The refusal is one line that says `what`, status 125, and nothing was made.
void expect_refused(const Argv& rest, const std::string& what) {
  const TempDir here;
  const std::string root = here.path() + "/root";
  const Outcome refused = make_root(root, rest);
  EXPECT_EQ(refused.status, 125);
  EXPECT_EQ(refused.out, "");
  EXPECT_THAT(refused.err, StartsWith("kelp: cannot "));
  EXPECT_THAT(refused.err, HasSubstr(what));
  EXPECT_FALSE(fs::exists(root));
}

TEST(RootfsRefusal, NamesAProgramThatIsNotThere) {
  expect_refused({"kelp-no-such-program"},
                 "cannot find the program kelp-no-such-program: it is in no directory of PATH\n");
  expect_refused({"./no/such"}, "cannot copy ./no/such: No such file or directory\n");
}

TEST(RootfsRefusal, NamesAllProgramsThatAreWrong) {
  expect_refused({"sh", "kelp-no-one", "kelp-no-two"}, "kelp-no-one");
  expect_refused({"sh", "kelp-no-one", "kelp-no-two"}, "kelp-no-two");
}

TEST(RootfsRefusal, NamesWhatIsNoProgram) {
  const TempDir files;
  expect_refused({files.file("text", "just text\n", 0755)}, "neither an ELF program nor a script");
  expect_refused({files.file("plain", "#!/bin/sh\n", 0644)}, "it is not executable");
  expect_refused({files.path()}, "it is a directory, not a program");
  expect_refused({files.file("object", build_elf({.type = ET_REL}), 0755)},
                 "neither a program nor a library");
  expect_refused({files.file("cut",
                             std::string("\x7f"
                                         "ELF"),
                             0755)},
                 "not a valid ELF file");
  expect_refused({"/dev/null"}, "/dev");
}

TEST(RootfsRefusal, NamesWhatIsMissingForAProgram) {
  const TempDir files;
  const std::string lacks = files.file("lacks", build_elf({.needed = {"libkelp-missing.so.3"}}), 0755);
  expect_refused({lacks}, "cannot find the library libkelp-missing.so.3: ");
  expect_refused({lacks}, "(needed by " + lacks + ")\n");
  expect_refused({files.file("alien", build_elf({.interpreter = "/no/ld.so"}), 0755)}, "/no/ld.so");
  expect_refused({files.file("script", "#!/no/shell\n", 0755)}, "cannot copy /no/shell: ");
  expect_refused({files.file("env", "#!/usr/bin/env kelp-no-such-program\n", 0755)}, "kelp-no-such-program");
}

// A hostile file could name any file of its victim as its interpreter, a key for one.
TEST(RootfsRefusal, CopiesNoInterpreterThatIsNone) {
  const TempDir files;
  const std::string key = files.file("key", "secret", 0600);
  const std::string evil = build_elf({.interpreter = key});
  expect_refused({files.file("evil", evil, 0755)}, "cannot copy " + key + ": it is not there, or no program");
  files.dir("project");
  files.file("project/evil", evil, 0755);
  const std::string root = files.path() + "/root";
  const Outcome made = make_root(root, {"sh", "--with", files.path() + "/project"});
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.err, HasSubstr("needs the interpreter " + key + ", which is not found"));
  EXPECT_FALSE(fs::exists(root + key));
}

TEST(RootfsRefusal, StopsAtInterpretersWithoutEnd) {
  const TempDir files;
  const std::string script = files.path() + "/loop";
  files.file("loop", "#!" + script + "\n", 0755);
  expect_refused({script}, "without end");
}

TEST(RootfsRefusal, NamesAFileThatMayNotBeRead) {
  KELP_ONLY_AS("root may read every file", "user", "noranges");
  const TempDir files;
  const std::string secret = files.file("secret", "#!/bin/sh\n", 0111);
  expect_refused({secret}, secret + ": Permission denied");
  expect_refused({"sh", "--with", files.file("data", "x", 0)}, "/data: Permission denied");
}

TEST(RootfsRefusal, DoesNotCopyTheWholeMachineOrItself) {
  const TempDir here;
  expect_refused({"sh", "--with", "/"}, "it is the whole machine");
  expect_refused({"sh", "--with", "/proc/self"}, "mounted afresh");
  const Outcome itself = make_root(here.path() + "/root", {"sh", "--with", here.path()});
  EXPECT_EQ(itself.status, 125);
  EXPECT_THAT(itself.err, HasSubstr("lies within it"));
}

TEST(RootfsRefusal, NamesADirectoryThatCannotBeOne) {
  const TempDir here;
  const std::string file = here.file("file", "mine");
  EXPECT_THAT(make_root(file, {"sh"}).err,
              HasSubstr("cannot make a root in " + file + ": it is not a directory"));
  EXPECT_EQ(harness::read_file(file), "mine");
  EXPECT_THAT(make_root(here.path() + "/no/such", {"sh"}).err,
              HasSubstr("the directory above it does not exist"));
  EXPECT_THAT(make_root("/", {"sh"}).err, HasSubstr("the machine's own root directory"));
  EXPECT_THAT(make_root("/../", {"sh"}).err, HasSubstr("the machine's own root directory"));
  EXPECT_THAT(make_root(here.link("dangling", "nowhere"), {"sh"}).err,
              HasSubstr("a link that leads nowhere"));
}

TEST(RootfsRefusal, NeverReplacesADifferentFile) {
  const TempDir here;
  const std::string tool = here.file("bin/tool", "#!/bin/sh\n", 0755);
  const std::string root = here.path() + "/root";
  const std::string mine = here.file("root" + tool, "#!/bin/my\n", 0755);
  fs::last_write_time(mine, fs::last_write_time(tool));  // as of two files written in one tick
  const Outcome refused = make_root(root, {tool});
  EXPECT_EQ(refused.status, 125);
  EXPECT_THAT(refused.err,
              HasSubstr("cannot copy " + tool + " to " + root + ": a different file is in its place"));
  EXPECT_THAT(refused.err, HasSubstr("hint: files that differ are never replaced"));
  EXPECT_EQ(harness::read_file(mine), "#!/bin/my\n");
  EXPECT_FALSE(fs::exists(root + "/etc"));  // it looked at everything first
}

TEST(RootfsRefusal, LetsOnlyOneWorkInADirectory) {
  const TempDir here;
  const std::string root = here.dir("root");
  const int fd = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ASSERT_EQ(::flock(fd, LOCK_EX), 0);
  EXPECT_THAT(make_root(root, {"sh"}).err, HasSubstr("another kelp rootfs is at work in it"));
  ::close(fd);
  EXPECT_EQ(make_root(root, {"sh"}).status, 0);
}

TEST(RootfsRefusal, DoesNotHideAFullStdout) {
  const TempDir here;
  RunOptions options;
  options.before_exec = [] { ::dup2(::open("/dev/full", O_WRONLY), STDOUT_FILENO); };
  EXPECT_EQ(make_root(here.path() + "/root", {"sh"}, options).status, 125);
}

// --- links that lead out of the directory ---

TEST(RootfsEscape, NothingIsMadeThroughLinksThatLeadOut) {
  const TempDir here;
  const std::string outside = here.dir("outside");
  const std::string tool = here.file("bin/tool", "#!/bin/sh\n", 0755);
  const std::vector<std::string> targets = {outside, "../outside", "../../../../../.." + outside,
                                            outside + "/new"};
  for (const char* name : {"etc", "usr", "var", "proc", "lib64", "bin"}) {
    for (const std::string& target : targets) {
      const TempDir place;
      const std::string root = place.dir("root");
      place.link(std::string("root/") + name, target);
      place.link("outside", outside);  // where "../outside" would lead
      const Outcome outcome = make_root(root, {tool});
      EXPECT_NE(outcome.status, -1);
      EXPECT_TRUE(fs::is_empty(outside)) << name << " -> " << target;
    }
  }
  // The probe can see an escape: a program that goes by path is led out.
  const TempDir place;
  place.link("root/etc", outside);
  ASSERT_EQ(harness::run({"touch", place.path() + "/root/etc/passwd"}).status, 0);
  EXPECT_FALSE(fs::is_empty(outside));
}

TEST(RootfsEscape, NothingIsMadeThroughALinkThatIsAFilesName) {
  const TempDir here;
  const std::string victim = here.file("victim", "mine");
  const std::string tool = here.file("bin/tool", "#!/bin/sh\n", 0755);
  here.link("root" + tool, victim);
  here.link("root/etc/passwd", here.path() + "/new");
  const Outcome refused = make_root(here.path() + "/root", {tool});
  EXPECT_EQ(refused.status, 125);
  EXPECT_EQ(harness::read_file(victim), "mine");
  EXPECT_FALSE(fs::exists(here.path() + "/new"));
}

TEST(RootfsEscape, LinksThatStayInsideAreFollowed) {
  const TempDir here;
  here.dir("root/data/var");
  here.link("root/var", "/data/var");
  const std::string root = here.path() + "/root";
  ASSERT_EQ(make_root(root, {"sh"}).status, 0);
  EXPECT_TRUE(fs::is_directory(root + "/data/var/tmp"));
}

TEST(RootfsEscape, NothingIsMadeOutsideWhileDirectoriesAreSwapped) {
  const TempDir here;
  const std::string outside = here.dir("outside");
  const std::string tool = here.file("bin/tool", "#!/bin/sh\n", 0755);
  const std::string root = here.dir("root");
  const std::string place = here.dir("root/etc"), link = here.link("root/link", outside);
  std::atomic<bool> is_over = false;
  std::thread swapper([&] {
    while (!is_over) ::renameat2(AT_FDCWD, place.c_str(), AT_FDCWD, link.c_str(), RENAME_EXCHANGE);
  });
  for (int i = 0; i < 20; ++i) {
    make_root(root, {tool});
    EXPECT_TRUE(fs::is_empty(outside));
    for (const char* name : {"etc/passwd", "link/passwd", "etc/group", "link/group"}) {
      ::unlinkat(AT_FDCWD, (root + "/" + name).c_str(), 0);
    }
  }
  is_over = true;
  swapper.join();
}

// --- what goes wrong half way ---

TEST(RootfsFault, AFileThatDoesNotFitIsNotThere) {
  const TempDir here;
  const std::string big = here.file("big", std::string(1U << 20U, 'x'));
  const std::string root = here.path() + "/root";
  RunOptions options;
  options.before_exec = [] {
    const rlimit limit = {1U << 19U, 1U << 19U};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    ::signal(SIGXFSZ, SIG_IGN);
  };
  const std::string tool = here.file("tool", "#!" + here.file("other", build_elf({}), 0755) + "\n", 0755);
  const Outcome failed = make_root(root, {tool, "--with", big}, options);
  EXPECT_EQ(failed.status, 125);
  EXPECT_THAT(failed.err, HasSubstr("cannot copy " + big + " to " + root + ": File too large"));
  EXPECT_FALSE(fs::exists(root + big));
  ASSERT_EQ(make_root(root, {tool, "--with", big}).status, 0);
  EXPECT_EQ(harness::read_file(root + big), harness::read_file(big));
}

TEST(RootfsFault, AFullDiskIsNamedAndNothingHalfWrittenIsLeft) {
  KELP_REQUIRE(harness::has_program("unshare"), "util-linux is not installed");
  const TempDir here;
  here.file("big", std::string(3U << 20U, 'x'));
  here.dir("disk");
  const Outcome outcome = harness::run(
      {"unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
       "mount -t tmpfs -o size=2m none disk || exit 99; \"$1\" rootfs make disk/root sh --with \"$PWD/big\"; "
       "status=$?; find disk -name big -o -name '.kelp*'; exit $status",
       "sh", harness::kelp_binary()},
      {.cwd = here.path()});
  KELP_REQUIRE(outcome.status != 99, "no tmpfs in a user namespace");
  EXPECT_EQ(outcome.status, 125) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("No space left on device"));
  EXPECT_THAT(outcome.out, testing::Not(HasSubstr("disk/")));
}

TEST(RootfsFault, ARunThatWasKilledIsCompletedByTheNext) {
  const TempDir here;
  constexpr int kFiles = 60;
  const auto name = [&](int i) { return here.path() + "/extra/" + std::to_string(100 + i); };
  for (int i = 0; i < kFiles; ++i) {
    here.file("extra/" + std::to_string(100 + i), std::string(300'000, 'x'));
  }
  const Argv wanted = {"sh", "--with", here.path() + "/extra"};
  const std::string whole = here.path() + "/whole", root = here.path() + "/root";
  ASSERT_EQ(make_root(whole, wanted).status, 0);
  int halves = 0;
  for (int i = 0; i < kFiles; i += 5) {
    Argv arguments = {harness::kelp_binary(), "rootfs", "make", root};
    arguments.insert(arguments.end(), wanted.begin(), wanted.end());
    harness::Running running(arguments, {});
    // Killed at a different file every time, and at no particular moment of it.
    for (int tries = 0; tries < 100'000 && !fs::exists(root + name(i)); ++tries) ::usleep(50);
    running.kill(SIGKILL);
    running.finish();
    if (!fs::exists(root + name(kFiles - 1))) ++halves;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (!entry.is_regular_file() || entry.is_symlink()) continue;
      const std::string path = entry.path().string().substr(root.size());
      ASSERT_EQ(harness::read_file(entry.path()), harness::read_file(whole + path)) << path;
    }
  }
  EXPECT_GT(halves, 0);  // some were killed half way
  ASSERT_EQ(make_root(root, wanted).status, 0);
  EXPECT_EQ(harness::run({"diff", "-r", "--no-dereference", whole, root}).out, "");
}

}  // namespace
}  // namespace kelp
