// SPDX-License-Identifier: Apache-2.0
// --overlay: writes go elsewhere, and ROOT stays as it is.
#include <sys/stat.h>
#include <unistd.h>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Everything in a tree with its kind, mode and time of change.
std::string picture_of(const std::string& tree) {
  std::string out;
  for (const auto& entry : fs::recursive_directory_iterator(tree)) {
    struct stat info{};
    lstat(entry.path().c_str(), &info);
    out += entry.path().string() + " " + std::to_string(info.st_mode) + " " +
           std::to_string(info.st_ctim.tv_nsec) + "\n";
  }
  return out;
}

class OverlayFlag : public testing::Test {
 protected:
  OverlayFlag() : root_(make_small_root(place_)) {}
  TempDir place_;
  std::string root_;
};

TEST_F(OverlayFlag, ThrowsEveryChangeAway) {
  const std::string before = picture_of(root_);
  const Outcome outcome = inside(
      "echo new >/file; rm -r /home /etc/group; chmod 700 /etc; mkdir -p /mnt/x; "
      "cat /file; ls -d /home",
      {"--overlay", "--tmpfs=/none/below"}, root_);
  EXPECT_EQ(outcome.out, "new\n") << outcome.err;
  EXPECT_EQ(picture_of(root_), before) << "mount points included";
}

TEST_F(OverlayFlag, KeepsChangesInADirectory) {
  const std::string layer = place_.dir("layer");
  const std::string before = picture_of(root_);
  EXPECT_THAT(inside("echo new >/file; rm -r /home", {"--overlay=" + layer}, root_), Works());
  EXPECT_EQ(inside("cat /file; ls -d /home", {"--overlay=" + layer}, root_).out, "new\n");
  EXPECT_EQ(picture_of(root_), before);
  EXPECT_EQ(inside("ls -d /home", {}, root_).out, "/home\n");
}

TEST_F(OverlayFlag, LetsATreeBeRemovedAndMadeAgain) {
  const Outcome outcome = inside(
      "rm -rf /home && mkdir /home && ls -A /home && rm -rf /etc && mkdir /etc && mv /root /r2 && ls -d /r2",
      {"--overlay", "--no-hosts", "--dns=none"}, root_);
  EXPECT_EQ(outcome.out, "/r2\n") << outcome.err;
}

TEST_F(OverlayFlag, PutsTheLastLowerDirectoryOnTop) {
  place_.file("one/who", "one\n");
  place_.file("one/only-one", "1\n");
  place_.file("two/who", "two\n");
  const Outcome outcome =
      inside("cat /who /only-one; ls -d /bin",
             {"--overlay-src=" + place_.path() + "/one", "--overlay-src=" + place_.path() + "/two"}, root_);
  EXPECT_EQ(outcome.out, "two\n1\n/bin\n") << outcome.err;
}

TEST_F(OverlayFlag, KeepsTheOwnersOfFiles) {
  KELP_ONLY_AS("needs more than one id", "user", "nested", "root");
  EXPECT_THAT(inside("chown 1000:1000 /etc/group", {}, root_), Works());
  const Outcome outcome = inside(
      "echo x >>/etc/group; stat -c %u:%g /etc/group; chown 7:7 /etc/passwd; stat -c %u:%g /etc/passwd",
      {"--overlay"}, root_);
  EXPECT_EQ(outcome.out, "1000:1000\n7:7\n") << outcome.err;
}

TEST_F(OverlayFlag, OverATreeOfSomebodyElseIsRefused) {
  KELP_ONLY_AS("the machine's root may write anywhere", "user", "noranges");
  const Outcome outcome = run_in("/", {"--overlay"}, {"true"});
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_THAT(outcome.err,
              HasSubstr("cannot put an overlay on /: its owner 0:0 is not in the container's id map"));
  EXPECT_THAT(outcome.err, HasSubstr("hint: "));
}

TEST_F(OverlayFlag, OverATreeWithMountsInItIsRefusedAndSaysSo) {
  place_.dir("root/sub");
  const std::string mounts = "mount -t tmpfs t \"$1/sub\"; ";
  EXPECT_EQ(with_mounts(mounts + "\"$kelp\" run \"$1\" echo in", {root_}).out, "in\n");
  const Outcome outcome = with_mounts(mounts + "\"$kelp\" run --overlay \"$1\" echo in", {root_});
  EXPECT_THAT(outcome, CannotStart()) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("--overlay"));
  EXPECT_THAT(outcome.err, HasSubstr("mounted")) << "the reason is what is mounted below";
}

TEST_F(OverlayFlag, NeedsADirectoryAsRoot) {
  for (const char* root : {"host", "empty"}) {
    const Outcome outcome = kelp({"run", "--overlay", root, "true"});
    EXPECT_THAT(outcome, CannotStart());
    EXPECT_THAT(outcome.err, HasSubstr("only a directory can have an overlay"));
  }
}

TEST_F(OverlayFlag, RefusesALayerThatIsMissingOrIsTheRoot) {
  EXPECT_THAT(inside("true", {"--overlay=" + place_.path() + "/none"}, root_), CannotStart());
  EXPECT_THAT(inside("true", {"--overlay=" + root_}, root_), CannotStart());
  EXPECT_THAT(inside("true", {"--overlay-src=" + place_.path() + "/none"}, root_), CannotStart());
}

TEST_F(OverlayFlag, RefusesALayerInWhatItIsLaidOverHoweverItIsSpelled) {
  place_.dir("root/deep/layer");
  place_.link("link", root_);
  place_.dir("beside");
  const auto in_place = [&](const std::string& flag) {
    return run({"sh", "-c", "cd \"$1\" && exec \"$0\" run \"$2\" ./root touch /z", kelp_binary(),
                place_.path(), flag});
  };
  const std::string before = picture_of(root_);
  for (const char* layer :
       {"root", "./root/", "link", "root/../root", "beside/../root", "root/deep/layer", "link/deep"}) {
    const Outcome outcome = in_place(std::string("--overlay=") + layer);
    EXPECT_THAT(outcome, CannotStart()) << layer;
    EXPECT_THAT(outcome.err,
                HasSubstr("'./root', which is below it\nhint: keep the layer in a directory beside"));
    EXPECT_EQ(picture_of(root_), before) << layer;
  }
  EXPECT_THAT(in_place("--overlay=beside"), Works());
  EXPECT_TRUE(fs::exists(place_.path() + "/beside/upper/z")) << "so that the probe can succeed";
}

TEST_F(OverlayFlag, OfDirectoriesThatOverlapIsRefusedAndSaysSo) {
  const Outcome twice = inside("true", {"--overlay-src=" + root_ + "/../root"}, root_);
  EXPECT_THAT(twice, CannotStart());
  EXPECT_THAT(twice.err, HasSubstr("are the same directory"));
  const Outcome nested = inside("true", {"--overlay-src=" + root_ + "/etc"}, root_);
  EXPECT_THAT(nested, CannotStart());
  EXPECT_THAT(nested.err, HasSubstr("one of its directories lies in another (--overlay-src="));
}

TEST_F(OverlayFlag, FollowsNoLinkThatIsPutIntoItsLayer) {
  const std::string trap = place_.dir("trap");
  const std::string layer = place_.dir("layer");
  place_.link("layer/upper", trap);
  EXPECT_THAT(inside("echo x >/file", {"--overlay=" + layer}, root_), CannotStart());
  EXPECT_THAT(names_in(trap), testing::IsEmpty());
}

TEST_F(OverlayFlag, WithReadOnlyCannotBeChangedAtAll) {
  const Argv closed = {"--overlay", "--read-only"};
  EXPECT_THAT(inside("true", closed, root_), Works());
  EXPECT_THAT(inside("echo x >/file", closed, root_).err, HasSubstr("/file: Read-only file system"));
  EXPECT_THAT(inside("echo x >/file", {"--overlay"}, root_), Works()) << "the control gets through";
}

}  // namespace
}  // namespace kelp::harness
