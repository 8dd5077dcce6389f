// SPDX-License-Identifier: Apache-2.0
// Which mounts cross the border of a container, in both directions.
#include "e2e/container.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;
using testing::Not;

// A host whose directory $1/src is a shared mount. A container is started with OPTIONS; while it waits, the
// host mounts on $1/src/late, and the container looks.
Outcome mount_on_the_host_later(const TempDir& place, const std::string& options) {
  place.dir("src/late");
  place.dir("talk");
  return with_mounts(
      "mount -t tmpfs t \"$1/src\"; mkdir \"$1/src/late\"; mount --make-shared \"$1/src\"; "
      "\"$kelp\" run " +
          options +
          " -v \"$1/src:/mnt\" -v \"$1/talk:/talk\" \"$2\" sh -c '"
          "touch /talk/up; while ! test -e /talk/go; do sleep 0.05; done; ls /mnt/late' & "
          "while ! test -e \"$1/talk/up\"; do sleep 0.05; done; mount -t tmpfs t \"$1/src/late\"; touch "
          "\"$1/src/late/arrived\" "
          "\"$1/talk/go\"; wait",
      {place.path(), small_root()});
}

TEST(Propagation, IsPrivateByDefault) {
  const TempDir place;
  const Outcome outcome = mount_on_the_host_later(place, "");
  EXPECT_THAT(outcome, Works()) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(mount_on_the_host_later(TempDir(), "--propagation=private").out, "");
}

TEST(Propagation, LetsMountsOfTheHostArriveWhereAskedFor) {
  EXPECT_EQ(mount_on_the_host_later(TempDir(), "--propagation=slave").out, "arrived\n");
  EXPECT_EQ(mount_on_the_host_later(TempDir(), "--propagation=shared").out, "arrived\n");
}

TEST(Propagation, LetsNoMountLeave) {
  for (const char* kind : {"private", "slave", "shared"}) {
    const TempDir place;
    place.dir("src");
    const Outcome outcome = with_mounts(
        "mount -t tmpfs t \"$1/src\"; mkdir \"$1/src/in\"; mount --make-shared \"$1/src\"; "
        "\"$kelp\" run --cap-add=sys_admin --propagation=" +
            std::string(kind) +
            " -v \"$1/src:/mnt\" \"$2\" sh -c 'mount -t tmpfs t /mnt/in && touch /mnt/in/escaped && sleep "
            "0.1'; "
            "ls \"$1/src/in\"; grep -c \" $1/src/in \" /proc/self/mountinfo || true",
        {place.path(), small_root()});
    EXPECT_EQ(outcome.out, "0\n") << kind << outcome.err;
  }
}

TEST(Propagation, SharedReachesNamespacesThatAreMadeInside) {
  const std::string script = "grep -c ' / .* shared:' /proc/self/mountinfo";
  EXPECT_EQ(inside(script, {"--propagation=shared"}).out.substr(0, 1) == "0", false);
  EXPECT_EQ(inside("grep -c shared: /proc/self/mountinfo").out, "0\n");
  EXPECT_EQ(inside("grep -c -e shared: -e master: /proc/self/mountinfo").out, "0\n");
}

TEST(Propagation, RefusesAnotherWord) { EXPECT_EQ(inside("true", {"--propagation=rshared"}).status, 125); }

}  // namespace
}  // namespace kelp::harness
