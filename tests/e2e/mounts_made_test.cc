// SPDX-License-Identifier: Apache-2.0
// Mounts and files that kelp makes itself: tmpfs, --file, --symlink, --dir, --hide, the network files.
#include <fcntl.h>
#include <unistd.h>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A pipe that yields the text, as descriptor `fd` of the child.
RunOptions with_text(int fd, const std::string& text) {
  return {.before_exec = [fd, text] {
    int ends[2];
    if (pipe(ends) != 0) return;
    (void)!write(ends[1], text.data(), text.size());
    close(ends[1]);
    dup2(ends[0], fd);
  }};
}

TEST(Tmpfs, IsEmptyAndHasTheSizeAndModeAskedFor) {
  const Outcome outcome = inside("ls -A /home; stat -c %a /home; df -k /home | tail -n 1 | awk '{print $2}'",
                                 {"--tmpfs=/home:size=4m,mode=0750"});
  EXPECT_EQ(outcome.out, "750\n4096\n") << outcome.err;
}

TEST(Tmpfs, CannotOutgrowItsSize) {
  EXPECT_NE(inside("head -c 2000000 /dev/zero >/mnt/f", {"--tmpfs=/mnt:size=1m"}).status, 0);
  EXPECT_THAT(inside("head -c 500000 /dev/zero >/mnt/f", {"--tmpfs=/mnt:size=1m"}), Works());
}

TEST(Tmpfs, WithoutASizeHasAQuarterOfTheMemory) {
  const Outcome outcome = inside(
      "a=$(df -k /mnt | tail -n 1 | awk '{print $2}'); b=$(awk '/MemTotal/{print $2}' /proc/meminfo); "
      "echo $((a * 100 / b))",
      {"--tmpfs=/mnt"});
  EXPECT_THAT(outcome.out, testing::AnyOf("24\n", "25\n"));
}

TEST(Tmpfs, IsReadOnlyOrNotExecutableWhereAskedFor) {
  EXPECT_NE(inside("echo x >/mnt/f", {"--tmpfs=/mnt:ro"}).status, 0);
  EXPECT_NE(inside("cp /bin/busybox /mnt; /mnt/busybox true", {"--mount=type=tmpfs,dst=/mnt,noexec"}).status,
            0);
  EXPECT_THAT(inside("cp /bin/busybox /mnt; /mnt/busybox true", {"--mount=type=tmpfs,dst=/mnt"}), Works());
}

TEST(File, HoldsWhatTheDescriptorYields) {
  const Outcome outcome =
      kelp({"run", "--file=5:/etc/made", small_root(), "sh", "-c", "cat /etc/made; echo x >>/etc/made"},
           with_text(5, "from a pipe\n"));
  EXPECT_EQ(outcome.out, "from a pipe\n") << outcome.err;
  EXPECT_NE(outcome.status, 0) << "it is read-only";
}

TEST(File, IsNotLeftInTheRootAndItsDescriptorNotOpen) {
  const TempDir place;
  const std::string root = make_small_root(place);
  Argv words = share_payload("descriptors", {"run", "--file=5:/made"});
  words.insert(words.end(), {root, "/payload"});
  EXPECT_EQ(kelp(words, with_text(5, "secret")).out, "0 1 2\n");
  EXPECT_EQ(read_file(root + "/made"), "") << "the mount point stays, the content does not";
}

TEST(File, NeedsAnOpenDescriptor) {
  const Outcome outcome = kelp({"run", "--file=77:/x", small_root(), "true"});
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_THAT(outcome.err, HasSubstr("77"));
}

TEST(SymlinkFlag, MakesTheLinkWithItsParents) {
  const TempDir place;
  const Outcome outcome = inside("readlink /a/b/c; readlink /a/e",
                                 {"--symlink=../../x:/a/b/c", "--symlink=/abs:/a/e"}, make_small_root(place));
  EXPECT_EQ(outcome.out, "../../x\n/abs\n") << outcome.err;
}

TEST(SymlinkFlag, AcceptsTheSameLinkAndRefusesAnother) {
  const TempDir place;
  const std::string root = make_small_root(place);
  place.link("root/same", "x");
  EXPECT_THAT(inside("true", {"--symlink=x:/same"}, root), Works());
  EXPECT_THAT(inside("true", {"--symlink=y:/same"}, root), CannotStart());
  EXPECT_THAT(inside("true", {"--symlink=y:/etc/passwd"}, root), CannotStart());
}

TEST(DirFlag, MakesADirectoryWhereItIsMissing) {
  const TempDir place;
  const std::string root = make_small_root(place);
  EXPECT_EQ(inside("stat -c '%F %a' /new/deep /tmp", {"--dir=/new/deep", "--dir=/tmp"}, root).out,
            "directory 755\ndirectory 1777\n");
  EXPECT_THAT(inside("true", {"--dir=/etc/passwd"}, root), CannotStart());
}

TEST(NetworkFiles, AreTheHostsAndReadOnly) {
  KELP_REQUIRE(access("/etc/resolv.conf", R_OK) == 0, "the machine has no /etc/resolv.conf");
  const Outcome outcome = inside("cat /etc/resolv.conf; echo x >>/etc/resolv.conf");
  EXPECT_EQ(outcome.out, read_file("/etc/resolv.conf"));
  EXPECT_NE(outcome.status, 0);
}

TEST(NetworkFiles, StayTheRootsOwnWhereAskedFor) {
  const TempDir place;
  const std::string root = make_small_root(place);
  place.file("root/etc/resolv.conf", "own\n");
  place.file("root/etc/hosts", "own hosts\n");
  EXPECT_EQ(inside("cat /etc/resolv.conf /etc/hosts", {"--dns=none", "--no-hosts"}, root).out,
            "own\nown hosts\n");
  EXPECT_EQ(inside("cat /etc/resolv.conf", {"--network=none"}, root).out, "own\n");
}

TEST(NetworkFiles, HoldWhatTheFlagsSay) {
  const Outcome outcome =
      inside("cat /etc/resolv.conf; tail -n 2 /etc/hosts",
             {"--dns=192.0.2.1", "--dns=192.0.2.2", "--add-host=sea;alga:192.0.2.9", "--hostname=kelp"});
  EXPECT_EQ(outcome.out,
            "nameserver 192.0.2.1\nnameserver 192.0.2.2\n192.0.2.9\tsea\talga\n127.0.1.1\tkelp\n")
      << outcome.err;
}

}  // namespace
}  // namespace kelp::harness
