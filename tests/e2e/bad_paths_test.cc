// SPDX-License-Identifier: Apache-2.0
// Roots, sources and destinations that cannot be: each is refused in one line that names it, and the root is
// left without what was not to be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "harness/harness.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

std::string said(Argv words, RunOptions options = {}) {
  words.insert(words.begin(), "run");
  const Outcome outcome = kelp(words, std::move(options));
  EXPECT_EQ(outcome.status, 125) << testing::PrintToString(outcome);
  EXPECT_EQ(outcome.out, "");
  return outcome.err;
}

TEST(BadRoot, ThatIsNotThereIsNamed) {
  EXPECT_EQ(said({"/no/such/root", "true"}),
            "kelp: cannot use /no/such/root as the root file system: No such file or directory\n");
  EXPECT_EQ(said({"./none", "true"}),
            "kelp: cannot use ./none as the root file system: No such file or directory\n");
  EXPECT_EQ(said({"/no\n\xff/x", "true"}),
            "kelp: cannot use /no\\x0A\\xFF/x as the root file system: No such file or directory\n");
  EXPECT_THAT(said({"/" + std::string(5000, 'r')}), HasSubstr("longer than 4095 bytes\n"));
}

TEST(BadRoot, ThatIsAFileIsNamed) {
  EXPECT_EQ(said({"/etc/passwd", "true"}),
            "kelp: cannot use /etc/passwd as the root file system: Not a directory\n");
}

TEST(BadRoot, ThatMayNotBeReachedIsNamed) {
  KELP_ONLY_AS("root reaches everything", "user", "noranges");
  KELP_REQUIRE(access("/root", X_OK) != 0, "/root is open to all here");
  EXPECT_EQ(said({"/root/x", "true"}), "kelp: cannot open /root/x: Permission denied (/root/x)\n");
}

TEST(BadRoot, ThatIsMissingOrEmptyIsTold) {
  EXPECT_EQ(said({}),
            "kelp: cannot run a command: ROOT is missing\nhint: kelp run [FLAG...] ROOT [COMMAND...]\n");
  EXPECT_EQ(said({"-v", "/etc:/x"}),
            "kelp: cannot run a command: ROOT is missing\nhint: kelp run [FLAG...] ROOT [COMMAND...]\n");
  EXPECT_EQ(said({"", "true"}), "kelp: cannot use '' as a root file system: ROOT is empty\n");
  EXPECT_EQ(said({small_root(), ""}), "kelp: cannot run '': the name of the program is empty\n");
}

TEST(BadRoot, ThatIsAnImageIsForALaterVersion) {
  EXPECT_EQ(
      said({"debian:12", "true"}),
      "kelp: cannot use image debian:12 as a root file system: images are not supported by this version\n"
      "hint: for a directory write its path: ./debian:12\n");
  EXPECT_EQ(said({"docker.io/library/debian", "true"}),
            "kelp: cannot use docker.io/library/debian as the root file system: No such file or directory\n");
  EXPECT_EQ(said({"oci:/dir:tag", "true"}),
            "kelp: cannot use image oci:/dir:tag as a root file system: images are not supported by this "
            "version\n");
}

TEST(BadSource, ThatIsNotThereIsNamed) {
  EXPECT_EQ(said({"-v", "/no/source:/x", small_root(), "true"}),
            "kelp: cannot share /no/source (-v /no/source:/x): No such file or directory\n");
  EXPECT_THAT(said({"--mount=type=bind,src=/no/source,dst=/x", small_root(), "true"}),
              HasSubstr("/no/source"));
  EXPECT_THAT(said({"--overlay-src=/no/lower", small_root(), "true"}), HasSubstr("/no/lower"));
  EXPECT_THAT(said({"-v", "/no/\xff:/x", small_root(), "true"}), HasSubstr("/no/\\xFF"));
}

TEST(BadSource, ThatMayNotBeReachedIsNamed) {
  KELP_ONLY_AS("root reaches everything", "user", "noranges");
  KELP_REQUIRE(access("/root", X_OK) != 0, "/root is open to all here");
  EXPECT_EQ(said({"-v", "/root/x:/x", small_root(), "true"}),
            "kelp: cannot open /root/x: Permission denied (-v /root/x:/x)\n");
}

TEST(BadSource, ThatIsANameIsNoVolume) {
  EXPECT_EQ(said({"-v", "data:/x", small_root(), "true"}),
            "kelp: cannot use -v data:/x: kelp keeps no named volumes\nhint: for a directory write its path: "
            "./data\n");
}

TEST(BadDestination, ThatIsNoPlaceInTheRootIsNamed) {
  EXPECT_EQ(said({"-v", "/etc:rel", small_root(), "true"}),
            "kelp: cannot use -v /etc:rel: the destination 'rel' is not absolute\n");
  EXPECT_EQ(said({"-v", "/etc:/a/../b", small_root(), "true"}),
            "kelp: cannot use -v /etc:/a/../b: there is a '..' in the destination '/a/../b'\n");
  EXPECT_EQ(said({"-v", "/etc:/", small_root(), "true"}),
            "kelp: cannot use -v /etc:/: the destination is the root itself, which ROOT says\n");
  EXPECT_EQ(said({"-v", "/etc:", small_root(), "true"}),
            "kelp: cannot use -v /etc:: the destination is empty\n");
  EXPECT_THAT(said({"-v", "/etc:/" + std::string(5000, 'd'), small_root(), "true"}),
              HasSubstr("is longer than 4095 bytes"));
}

TEST(BadDestination, ThatIsADanglingLinkIsRefusedAndMakesNothing) {
  const TempDir place;
  const std::string root = make_small_root(place);
  place.link("root/dangling", "/nowhere/at/all");
  place.link("root/loop", "loop");
  EXPECT_EQ(
      said({"-v", "/etc:/dangling", root, "true"}),
      "kelp: cannot use /dangling: /dangling is a symbolic link that points nowhere inside the root (-v "
      "/etc:/dangling)\n");
  EXPECT_EQ(said({"-v", "/etc:/loop", root, "true"}),
            "kelp: cannot open /loop: Too many levels of symbolic links (-v /etc:/loop)\n");
  EXPECT_FALSE(fs::exists(root + "/nowhere"));
  EXPECT_FALSE(fs::exists("/nowhere"));
}

TEST(BadDestination, ThatLeadsOutStaysInside) {
  const TempDir place;
  const std::string root = make_small_root(place);
  const std::string outside = place.dir("outside");
  place.link("root/escape", "../../../../../../../.." + outside);
  place.link("root/absolute", outside);
  place.dir("root" + outside);
  const Outcome outcome =
      kelp({"run", "-v", "/etc/passwd:/escape/one", "-v", "/etc/passwd:/absolute/two", root, "ls", outside});
  EXPECT_EQ(outcome.out, "one\ntwo\n") << outcome.err;
  EXPECT_TRUE(fs::is_empty(outside));
}

TEST(BadDestination, ThatIsMissingBelowAReadOnlyBindIsNotOfferedToBeMade) {
  const std::string why = ": it lies in a directory shared from the host, read-only (";
  const std::string hint = ")\nhint: choose a destination that exists, or make it on the host first\n";
  EXPECT_EQ(said({"-v", "/etc:/usr/nope/x", "host", "true"}),
            "kelp: cannot make /usr/nope/x" + why + "-v /etc:/usr/nope/x" + hint);
  EXPECT_EQ(said({"--tmpfs", "/usr/nope", "host", "true"}),
            "kelp: cannot make /usr/nope" + why + "--tmpfs /usr/nope" + hint);
  const TempDir place;
  EXPECT_EQ(said({"-v", place.path() + ":/mnt", "-v", "/etc:/mnt/x", small_root(), "true"}),
            "kelp: cannot make /mnt/x: it lies in a directory shared from the host, where kelp makes nothing "
            "by itself (-v /etc:/mnt/x)\n"
            "hint: make it on the host first, or ask for it with -v SOURCE:DESTINATION:create\n");
}

TEST(BadDestination, OfTheWrongKindIsNamed) {
  EXPECT_EQ(
      said({"-v", "/etc/passwd:/bin", small_root(), "true"}),
      "kelp: cannot use /bin: it is a directory, and what is to be there is none (-v /etc/passwd:/bin)\n");
  EXPECT_EQ(said({"-v", "/etc:/bin/busybox", small_root(), "true"}),
            "kelp: cannot use /bin/busybox: it is no directory, and what is to be there is one (-v "
            "/etc:/bin/busybox)\n");
  EXPECT_THAT(said({"-v", "/etc:/etc/passwd/x", small_root(), "true"}),
              AllOf(HasSubstr("Not a directory"), HasSubstr("(-v /etc:/etc/passwd/x)")));
}

TEST(BadDestination, MayHaveStrangeBytes) {
  const TempDir place;
  const std::string root = make_small_root(place);
  const std::string odd = "/new\nline \\040\xff\t*";
  const Outcome outcome = kelp(
      {"run", "-v", "/etc/passwd:" + odd + ":ro", root, "sh", "-c", "cat \"$1\"; echo >\"$1\"", "sh", odd});
  EXPECT_EQ(outcome.out, read_file("/etc/passwd"));
  EXPECT_THAT(outcome.err, HasSubstr("Read-only file system"));
}

}  // namespace
}  // namespace kelp::harness
