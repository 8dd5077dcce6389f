// SPDX-License-Identifier: Apache-2.0
// --hide: what is hidden is empty, cannot be changed, and cannot be got at by another way.
#include "e2e/container.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;
using testing::Not;

class HideFlag : public testing::Test {
 protected:
  HideFlag() : root_(make_small_root(place_)) {
    place_.file("root/secret/deep/key", "KEY\n");
    place_.file("root/etc/key", "KEY\n");
  }
  TempDir place_;
  std::string root_;
};

TEST_F(HideFlag, MakesADirectoryEmptyAndAFileToo) {
  const Outcome outcome =
      inside("ls -A /secret; cat /etc/key; ls /secret/deep", {"--hide=/secret", "--hide=/etc/key"}, root_);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("/secret/deep: No such file"));
  EXPECT_EQ(read_file(root_ + "/secret/deep/key"), "KEY\n");
}

TEST_F(HideFlag, LeavesNothingToChange) {
  const Outcome outcome = inside(
      "echo x >/secret/f; echo x >>/etc/key; rm -f /etc/key; rmdir /secret; mv /secret /other; "
      "chmod 777 /secret /etc/key; ls -A /secret; cat /etc/key",
      {"--hide=/secret", "--hide=/etc/key"}, root_);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(read_file(root_ + "/secret/deep/key"), "KEY\n");
  EXPECT_EQ(read_file(root_ + "/etc/key"), "KEY\n");
}

TEST_F(HideFlag, OfAllIsRefusedWithWhatToWriteInstead) {
  EXPECT_EQ(kelp({"run", "--hide", "/", root_, "true"}),
            (Outcome{.status = 125,
                     .err = "kelp: cannot use --hide /: no program would be left to run\nhint: begin with "
                            "nothing instead: ROOT `empty`, and -v for what is to be seen\n"}));
}

TEST_F(HideFlag, OfWhatIsAbsentDoesNothing) {
  EXPECT_THAT(
      inside("test ! -e /none", {"--hide=/none", "--hide=/etc/passwd/none", "--hide=/none/deep"}, root_),
      Works());
}

TEST_F(HideFlag, HidesWhatALinkLeadsTo) {
  place_.link("root/link", "secret");
  EXPECT_EQ(inside("ls -A /secret; ls -A /link/", {"--hide=/link"}, root_).out, "");
}

TEST_F(HideFlag, HidesWhatAnEarlierMountBrought) {
  place_.file("share/key", "KEY\n");
  EXPECT_EQ(inside("cat /mnt/key", {"-v", place_.path() + "/share:/mnt", "--hide=/mnt/key"}, root_).out, "");
  EXPECT_EQ(inside("cat /mnt/key", {"--hide=/mnt/key", "-v", place_.path() + "/share:/mnt"}, root_).out,
            "KEY\n")
      << "a later mount is above it";
}

TEST_F(HideFlag, CannotBeTakenAwayFromInside) {
  const Outcome mounts = inside("umount /secret; umount -l /secret; mount -t tmpfs t /secret; ls -A /secret",
                                {"--hide=/secret"}, root_);
  EXPECT_EQ(mounts.out, "");
  // A namespace of one's own gives the right to mount, but what came from outside is locked together.
  const std::string look =
      "umount /secret; umount -l /secret; mount --bind / /tmp && ls -A /tmp/secret; "
      "mount --rbind / /mnt && umount /mnt/secret; ls -A /secret /mnt/secret; exit 0";
  place_.dir("root/mnt");
  EXPECT_THAT(inside("unshare -Urm sh -c '" + look + "'", {"--hide=/secret"}, root_).out,
              Not(HasSubstr("deep")));
  // Who is given the right over the container's own mounts can take it away: the probe works.
  EXPECT_THAT(inside("umount /secret; ls -A /secret", {"--hide=/secret", "--cap-add=sys_admin"}, root_).out,
              HasSubstr("deep"));
}

TEST_F(HideFlag, IsNotTheSameEmptyPlaceForTwo) {
  EXPECT_EQ(inside("ls -A /secret /home; stat -c %a /secret", {"--hide=/secret", "--hide=/home"}, root_).out,
            "/home:\n\n/secret:\n555\n");
}

}  // namespace
}  // namespace kelp::harness
