// SPDX-License-Identifier: Apache-2.0
// The kinds of ROOT, what is made in one, and what stays as it was.
#include <sys/stat.h>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A root that holds nothing but a shell.
std::string make_tiny_root(const TempDir& place, const std::string& name = "tiny") {
  place.dir(name + "/bin");
  fs::copy_file(fs::path(small_root()) / "bin/busybox", place.path() + "/" + name + "/bin/sh");
  return place.path() + "/" + name;
}

TEST(Root, OfADirectoryIsWritableAsGiven) {
  const TempDir place;
  const std::string root = make_small_root(place);
  EXPECT_THAT(inside("echo new >/file; rm /etc/group", {}, root), Works());
  EXPECT_EQ(read_file(root + "/file"), "new\n");
  EXPECT_FALSE(fs::exists(root + "/etc/group"));
}

TEST(Root, MayBeALinkAndRelative) {
  const TempDir place;
  make_small_root(place, "real");
  place.link("link", "real");
  EXPECT_EQ(kelp({"run", "./link", "echo", "in"}, {.cwd = place.path()}).out, "in\n");
  EXPECT_EQ(kelp({"run", "./real/", "echo", "in"}, {.cwd = place.path()}).out, "in\n");
  EXPECT_EQ(kelp({"run", ".", "echo", "in"}, {.cwd = place.path() + "/real"}).out, "in\n");
  EXPECT_EQ(kelp({"run", "..", "echo", "in"}, {.cwd = place.path() + "/real/etc"}).out, "in\n");
}

TEST(Root, GetsItsMissingMountPointsAndKeepsThem) {
  const TempDir place;
  const std::string root = make_tiny_root(place);
  const Outcome outcome = run_in(root, {"--explain", "--tmpfs=/mnt/a"}, {"sh", "-c", "exit"});
  EXPECT_THAT(outcome, Works());
  for (const char* path : {"/dev", "/proc", "/sys", "/mnt/a"}) {
    EXPECT_THAT(outcome.err, HasSubstr(std::string("made the mount point ") + path + " in the root\n"));
    struct stat info{};
    ASSERT_EQ(stat((root + path).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, std::string(path) == "/proc" ? 0555U : 0755U) << path;
  }
  const Outcome again = run_in(root, {"--explain", "--tmpfs=/mnt/a"}, {"sh", "-c", "exit"});
  EXPECT_THAT(again.err, Not(HasSubstr("made the mount point")));
}

TEST(Root, IsNotSaidToHoldWhatLiesInKelpsOwnMounts) {
  const TempDir place;
  const Outcome outcome = run_in(make_tiny_root(place), {"--explain"}, {"sh", "-c", "exit"});
  EXPECT_THAT(outcome.err, Not(HasSubstr("made the mount point /dev/null")));
}

TEST(Root, WhichIsReadOnlyCannotBeChanged) {
  const TempDir place;
  const std::string root = make_small_root(place);
  const Outcome outcome = inside(
      "for f in /file /etc/passwd /home/alga/x; do echo x >$f && echo wrote $f; done; "
      "for d in /tmp /var/tmp /run /dev/shm; do echo x >$d/f || echo cannot write $d; done; mount -o "
      "remount,rw /; exit 0",
      {"--read-only", "--cap-add=all"}, root);
  EXPECT_EQ(outcome.out, "") << outcome.out;
  EXPECT_THAT(inside("echo x >/file && echo wrote", {}, root).out, HasSubstr("wrote")) << "the probe writes";
}

TEST(Root, WhichIsReadOnlyIsSoWithAllThatIsMountedInIt) {
  const TempDir place;
  const std::string root = make_small_root(place);
  place.dir("root/sub/with blank");
  const std::string mounts =
      "mount -t tmpfs t \"$1/sub\"; mkdir \"$1/sub/with blank\"; "
      "mount -t tmpfs t \"$1/sub/with blank\"; ";
  const std::string probe =
      "\"$1\" sh -c 'echo x >/sub/f && echo wrote 1; echo x >\"/sub/with blank/f\" && echo wrote 2'";
  EXPECT_EQ(with_mounts(mounts + "\"$kelp\" run " + probe, {root}).out, "wrote 1\nwrote 2\n");
  EXPECT_EQ(with_mounts(mounts + "\"$kelp\" run --read-only " + probe, {root}).out, "");
  // What a bind and a remount do, and others did.
  EXPECT_EQ(
      with_mounts(
          mounts + "mount --rbind \"$1\" \"$1\"; mount -o remount,bind,ro \"$1\"; \"$kelp\" run " + probe,
          {root})
          .out,
      "wrote 1\nwrote 2\n");
}

TEST(Root, HostShowsTheUserlandAndNobodysFiles) {
  const Outcome outcome = run_in(
      "host", {},
      {"sh", "-c", "ls -d /usr /etc; for d in /run /tmp /var/tmp /root; do ls -A $d 2>/dev/null; done"});
  EXPECT_EQ(outcome.out, "/etc\n/usr\n") << outcome.err;
}

TEST(Root, HostCannotBeChanged) {
  const Outcome outcome = run_in(
      "host", {"--userns=auto", "--cap-add=all"},
      {"sh", "-c",
       "for d in /usr /etc /usr/bin /opt; do test -d $d && touch $d/kelp-was-here && echo wrote $d; done; "
       "mount -o remount,rw /usr && echo remounted; exit 0"});
  EXPECT_EQ(outcome.out, "") << outcome.err;
}

TEST(Root, HostHasPlaceForWhatProgramsWrite) {
  const Outcome outcome =
      run_in("host", {}, {"sh", "-c", "for d in /tmp /var/tmp ~; do touch $d/f || echo not $d; done"});
  EXPECT_THAT(outcome, Works()) << outcome.out << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

TEST(Root, HereIsSharedAtItsOwnPathAndIsWhereOneStarts) {
  const TempDir place;
  const std::string work = place.dir("work");
  for (const std::string& root : {std::string("host"), small_root()}) {
    const Outcome outcome = kelp({"run", "--here", root, "sh", "-c", "pwd; echo x >made"}, {.cwd = work});
    EXPECT_EQ(outcome.out, work + "\n") << outcome.err;
    EXPECT_EQ(read_file(work + "/made"), "x\n");
    fs::remove(work + "/made");
  }
}

TEST(Root, WhatIsHiddenOrCoveredBelowHereStaysSo) {
  const TempDir place;
  const std::string work = place.dir("work");
  fs::create_directory(work + "/sub");
  place.file("work/.env", "secret\n");
  const std::vector<std::string> command = {"sh", "-c", "cat .env; echo x >sub/made"};
  const auto run = [&](std::vector<std::string> flags) {
    flags.insert(flags.begin(), "run");
    flags.insert(flags.end(), {"--here", "host"});
    flags.insert(flags.end(), command.begin(), command.end());
    return kelp(flags, {.cwd = work});
  };
  EXPECT_EQ(run({}).out, "secret\n");
  EXPECT_TRUE(fs::remove(work + "/sub/made"));
  const Outcome fenced = run({"--hide", work + "/.env", "--tmpfs", work + "/sub"});
  EXPECT_EQ(fenced.status, 0) << fenced.err;
  EXPECT_EQ(fenced.out, "");
  EXPECT_FALSE(fs::exists(work + "/sub/made"));
}

TEST(Root, HereOfTheWholeMachineIsRefused) {
  const Outcome outcome = kelp({"run", "--here", "host", "true"}, {.cwd = "/"});
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_THAT(outcome.err, HasSubstr("it is the whole machine"));
}

TEST(Root, EmptyHoldsNothingButWhatIsMounted) {
  const TempDir place;
  const Outcome outcome =
      run_in("empty", {"-v", small_root() + "/bin:/bin:ro", "--dir=/made"}, {"/bin/ls", "/"});
  EXPECT_EQ(outcome.out, "bin\ndev\netc\nmade\nproc\nsys\n") << outcome.err;
}

TEST(Root, EmptyWithoutAnythingIsEmpty) {
  const Outcome outcome = run_in("empty", {"--bare", "-v", small_root() + "/bin:/bin:ro"}, {"/bin/ls", "/"});
  EXPECT_EQ(outcome.out, "bin\n");
}

TEST(Root, OfTheMachineItselfWorks) {
  for (const Argv& options : {Argv{}, {"--hide=/etc/shadow"}, {"--bare"}, {"--read-only"}}) {
    const Outcome outcome = run_in("/", options, {"sh", "-c", "test -e /usr && echo in"});
    EXPECT_EQ(outcome.out, "in\n") << testing::PrintToString(options) << outcome.err;
  }
}

TEST(Root, ThatIsMissingOrAFileIsRefused) {
  const TempDir place;
  const std::string file = place.file("file");
  EXPECT_EQ(
      kelp({"run", place.path() + "/none", "true"}).err,
      "kelp: cannot use " + place.path() + "/none as the root file system: No such file or directory\n");
  EXPECT_EQ(kelp({"run", file, "true"}).err,
            "kelp: cannot use " + file + " as the root file system: Not a directory\n");
  EXPECT_EQ(kelp({"run", file, "true"}).status, 125);
}

// What a start makes in ROOT stays there: a directory given by mistake is left alone.
TEST(RootThatHoldsNothing, IsLeftAsItWas) {
  const TempDir place;
  const std::string root = place.dir("e1");
  const std::string hint =
      "hint: " + root +
      " holds no root file system (no /usr, /bin, /sbin, /lib, /nix or /gnu); to work in a "
      "directory: kelp run --here host COMMAND\n";
  EXPECT_EQ(
      kelp({"run", root, "id"}),
      (Outcome{.status = 127,
               .err = "kelp: cannot find id: there is no such program in the container's PATH\n" + hint}));
  EXPECT_EQ(
      kelp({"run", "--read-only", root, "./prog"}),
      (Outcome{.status = 127, .err = "kelp: cannot execute ./prog: No such file or directory\n" + hint}));
  EXPECT_EQ(kelp({"run", "-e", "SHELL", root}).status, 127);
  EXPECT_TRUE(fs::is_empty(root));
}

TEST(RootThatHoldsNothing, IsOneWithAPlaceForMounts) {
  const TempDir place;
  const std::string root = place.dir("e1");
  const Outcome outcome =
      kelp({"run", "-v", small_root() + "/bin:/bin:ro", root, "sh", "-c", "ls -d /proc/1"});
  EXPECT_EQ(outcome.out, "/proc/1\n") << outcome.err;
}

TEST(RootWithoutTheProgram, IsLeftAsItWasToo) {
  const TempDir place;
  place.file("e1/bin/mine", "");
  const std::string root = place.path() + "/e1";
  EXPECT_EQ(kelp({"run", root, "id"}),
            (Outcome{.status = 127,
                     .err = "kelp: cannot find id: there is no such program in the container's PATH\n"}));
  EXPECT_EQ(names_in(root), Argv{"bin"});
}

// One static program is all that a root needs.
TEST(RootOfOneProgram, IsStartedAndHasItsMountPointsMade) {
  const TempDir place;
  const std::string root = place.dir("e1");
  fs::copy_file(payload("whoami"), root + "/prog");
  place.link("e1/link", "/prog");
  for (const char* name : {"/prog", "./prog", "/link"})
    EXPECT_EQ(kelp({"run", "-e", "PATH=/", root, name}).status, 0) << name;
  EXPECT_EQ(kelp({"run", "-e", "PATH=/", root, "prog"}).status, 0);
  EXPECT_TRUE(fs::exists(root + "/proc"));
}

}  // namespace
}  // namespace kelp::harness
