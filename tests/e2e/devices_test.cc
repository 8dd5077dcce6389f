// SPDX-License-Identifier: Apache-2.0
// --device: nodes of the host that work in the container, and nothing more of the host.
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

// "full" answers a write with ENOSPC, which nothing but the device does.
constexpr char kIsFull[] = "head -c 3 $1 | od -An -tx1; dd if=/dev/zero of=$1 bs=1 count=1";

Outcome probe(const std::string& path, const Argv& options, const std::string& root = small_root()) {
  return run_in(root, options, {"sh", "-c", kIsFull, "sh", path});
}

MATCHER(IsTheFullDevice, "behaves like /dev/full") {
  (void)result_listener;
  return arg.out.find("00 00 00") != std::string::npos &&
         arg.err.find("No space left on device") != std::string::npos;
}

TEST(Devices, WorkWhereTheyAreNamed) {
  EXPECT_THAT(probe("/dev/mine", {"--device", "/dev/full:/dev/mine"}), IsTheFullDevice());
  EXPECT_THAT(probe("/dev/some/where", {"--device=/dev/full:/dev/some/where:rwm"}), IsTheFullDevice());
  EXPECT_THAT(probe("/opt/full", {"--overlay", "--device=/dev/full:/opt/full"}), IsTheFullDevice())
      << "outside of /dev";
}

TEST(Devices, AreNotThereUnlessNamed) {
  EXPECT_THAT(probe("/dev/mine", {}), Not(IsTheFullDevice()));
  EXPECT_EQ(inside("ls /dev | grep -c -e fuse -e kmsg -e net").out, "0\n");
  const std::string shared = "/dev/full:" + std::string("/dev/mine");
  EXPECT_THAT(probe("/dev/mine", {"-v", shared}), Not(IsTheFullDevice())) << "a plain bind opens no device";
  EXPECT_THAT(probe("/dev/mine", {"-v", shared + ":dev"}), IsTheFullDevice());
}

TEST(Devices, WorkWithEveryKindOfRoot) {
  EXPECT_THAT(probe("/dev/mine", {"--read-only", "--device=/dev/full:/dev/mine"}), IsTheFullDevice());
  EXPECT_THAT(probe("/dev/mine", {"--device=/dev/full:/dev/mine"}, "host"), IsTheFullDevice());
  EXPECT_THAT(probe("/dev/mine", {"-v", small_root() + "/bin:/bin", "--device=/dev/full:/dev/mine"}, "empty"),
              IsTheFullDevice());
}

TEST(Devices, CanBeWrittenUnderLandlocksRules) {
  EXPECT_THAT(probe("/opt/full", {"--landlock=files", "--overlay", "--device=/dev/full:/opt/full"}),
              IsTheFullDevice());
}

TEST(Devices, OfADirectoryAreShared) {
  const Outcome listed = inside("ls /dev/all", {"--device=/dev:/dev/all"});
  EXPECT_THAT(listed.out, HasSubstr("full\n")) << listed.err;
  EXPECT_THAT(listed.out, HasSubstr("urandom\n"));
  EXPECT_THAT(listed.out, Not(HasSubstr("ptmx"))) << "the host's terminals";
  EXPECT_THAT(listed.out, Not(HasSubstr("pts")));
  EXPECT_THAT(listed.out, Not(HasSubstr("stdin"))) << "a link";
  EXPECT_THAT(probe("/dev/all/full", {"--device=/dev:/dev/all"}), IsTheFullDevice());
}

TEST(Devices, KeepTheModeThatTheyHaveOnTheHost) {
  struct stat before = {};
  ASSERT_EQ(::stat("/dev/full", &before), 0);
  const Outcome tried =
      inside("chmod 0600 /dev/mine || echo refused", {"--device=/dev/full:/dev/mine", "--userns=single"});
  EXPECT_EQ(tried.out, "refused\n");
  struct stat after = {};
  ASSERT_EQ(::stat("/dev/full", &after), 0);
  EXPECT_EQ(before.st_mode, after.st_mode);
}

TEST(Devices, OfTheMachinesRootWorkForItAlone) {
  KELP_ONLY_AS("in a container there is no such device", "user", "noranges", "root");
  KELP_REQUIRE(fs::exists("/dev/fuse"), "there is no /dev/fuse");
  const Argv options = {"--userns=0:0:1", "--device=/dev/fuse"};
  const std::string opens = "test -c /dev/fuse && exec 3<>/dev/fuse && echo opened";
  struct stat info = {};
  ASSERT_EQ(::stat("/dev/fuse", &info), 0);
  if (identity() == "root") {
    EXPECT_EQ(inside(opens, options).out, "opened\n");
    EXPECT_EQ(inside(opens, {"--userns=0:0:1"}).out, "") << "without --device it is not there";
    return;
  }
  // As udev makes it, everybody may open it.
  if ((info.st_mode & 0006) == 0006) {
    EXPECT_EQ(inside(opens, {"--device=/dev/fuse"}).out, "opened\n");
    return;
  }
  ASSERT_EQ(info.st_mode & 0777, 0600U);
  const Outcome refused = inside(opens, {"--device=/dev/fuse"});
  EXPECT_THAT(refused, CannotStart());
  EXPECT_THAT(refused.err, HasSubstr("cannot share /dev/fuse (--device=/dev/fuse): you may neither read nor "
                                     "write it (mode 0600"));
}

TEST(Devices, ThatNobodyInsideMayOpenAreWarnedOf) {
  KELP_ONLY_AS("others may not open it outside either", "root");
  KELP_REQUIRE(fs::exists("/dev/fuse"), "there is no /dev/fuse");
  struct stat info = {};
  ASSERT_EQ(::stat("/dev/fuse", &info), 0);
  const Outcome closed = inside("exec 3<>/dev/fuse", {"--userns=0:100000:65536", "--device=/dev/fuse"});
  if ((info.st_mode & 0006) == 0006) {
    EXPECT_THAT(closed, Works()) << "everybody may open it here";
    EXPECT_EQ(closed.err, "");
    return;
  }
  EXPECT_NE(closed.status, 0);
  EXPECT_THAT(closed.err, HasSubstr("kelp: warning: nobody in the container may open /dev/fuse"));
}

TEST(Devices, ThatAreNoneAreRefused) {
  TempDir place;
  const std::string file = place.file("file", "text");
  const std::string dangling = place.link("dangling", "nowhere");
  const Outcome plain = inside("true", {"--device", file + ":/dev/x"});
  EXPECT_THAT(plain, CannotStart());
  EXPECT_THAT(plain.err, HasSubstr("it is no device\nhint: -v "));
  EXPECT_THAT(inside("true", {"--device", dangling}).err, HasSubstr("No such file or directory"));
  EXPECT_THAT(inside("true", {"--device", place.path()}).err, HasSubstr("no device is in this directory"));
  EXPECT_THAT(inside("true", {"--device", "/dev/full:/dev/full:r"}).err, HasSubstr("'r' cannot be enforced"));
}

// A trap outside of the root, to which the root's own /dev leads (TRAPS A1, B1).
TEST(Devices, LeadNowhereOutOfAHostileRoot) {
  TempDir place;
  const std::string root = make_small_root(place);
  const std::string trap = place.dir("trap");
  fs::remove_all(root + "/dev");
  fs::create_directory_symlink(trap, root + "/dev");
  ASSERT_THAT(run({"mkdir", root + "/dev/caught"}), Works());
  ASSERT_TRUE(fs::remove(trap + "/caught")) << "else this proves nothing";
  (void)probe("/dev/mine", {"--device=/dev/full:/dev/mine"}, root);
  EXPECT_THAT(names_in(trap), testing::IsEmpty());
  fs::remove(root + "/dev");
  fs::create_directory_symlink("../../../../.." + trap, root + "/dev");
  fs::create_directory_symlink(trap, root + "/opt");
  (void)probe("/opt/mine", {"--dev=none", "--device=/dev/full:/opt/mine", "--device=/dev/full:/dev/mine"},
              root);
  EXPECT_THAT(names_in(trap), testing::IsEmpty());
}

}  // namespace
}  // namespace kelp::harness
