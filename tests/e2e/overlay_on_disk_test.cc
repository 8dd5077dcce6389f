// SPDX-License-Identifier: Apache-2.0
// --overlay where the throw-away layer must lie on disk: what the user sees of it.
#include <sys/stat.h>
#include <unistd.h>

#include "e2e/container.h"
#include "harness/without_memfd.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class OverlayOnDisk : public testing::Test {
 protected:
  RunOptions options(Argv env) const {
    RunOptions options{.env = std::move(env)};
    options.before_exec = refuse_memfd;
    return options;
  }
  RunOptions options() const { return options({"XDG_DATA_HOME=" + place_.path() + "/data"}); }
  Outcome overlay(const std::string& script, const RunOptions& how, const Argv& more = {}) const {
    Argv words = {"run", "--overlay"};
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), {root_, "sh", "-c", script});
    return kelp(words, how);
  }
  std::vector<std::string> layers() const { return names_in(layers_); }

  TempDir place_;
  std::string root_ = make_small_root(place_);
  std::string layers_ = place_.path() + "/data/kelp/layers";
};

TEST_F(OverlayOnDisk, ThrowsEveryChangeAway) {
  const Outcome outcome =
      overlay("echo new >/file; rm -rf /home /etc && mkdir /home && ls -A /home; cat /file", options());
  EXPECT_EQ(outcome.out, "new\n") << outcome.err;
  EXPECT_THAT(outcome, Works()) << outcome.err;
  EXPECT_THAT(layers(), IsEmpty());
  EXPECT_FALSE(fs::exists(root_ + "/file"));
  EXPECT_TRUE(fs::exists(root_ + "/home"));
}

TEST_F(OverlayOnDisk, LiesInTheHomeWhereNothingElseIsSaid) {
  const std::string home = place_.dir("home");
  Running running({kelp_binary(), "run", "--overlay", root_, "sh", "-c", "echo up; exec sleep 60"},
                  options({"XDG_DATA_HOME", "HOME=" + home}));
  ASSERT_TRUE(running.wait_for_output("up")) << running.finish().err;
  layers_ = home + "/.local/share/kelp/layers";
  ASSERT_EQ(layers().size(), 1U);
  EXPECT_EQ(fs::status(layers_).permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(layers_ + "/" + layers()[0]).permissions(), fs::perms::owner_all);
  running.kill(SIGINT);
  EXPECT_EQ(running.finish().status, 128 + SIGINT);
  EXPECT_THAT(layers(), IsEmpty());
}

TEST_F(OverlayOnDisk, OfAKilledKelpGoesWithTheNextStart) {
  Running running(
      {kelp_binary(), "run", "--overlay", root_, "sh", "-c", "mkdir -p /a/b; echo up; exec sleep 60"},
      options());
  ASSERT_TRUE(running.wait_for_output("up")) << running.finish().err;
  running.kill(SIGKILL);
  running.finish();
  EXPECT_EQ(layers().size(), 1U);
  EXPECT_EQ(overlay("true", options()), (Outcome{.status = 0}));
  EXPECT_THAT(layers(), IsEmpty());
}

TEST_F(OverlayOnDisk, IsNotMadeByAPlanAlone) {
  const Outcome outcome = overlay("true", options(), {"--dry-run"});
  EXPECT_THAT(outcome.out,
              HasSubstr(", changes in a directory below " + layers_ + ", thrown away at the end"))
      << outcome.err;
  EXPECT_FALSE(fs::exists(place_.path() + "/data"));
}

TEST_F(OverlayOnDisk, WithoutAHomeIsRefusedAndSaysWhatIsMissing) {
  Outcome outcome = overlay("true", options({"XDG_DATA_HOME", "HOME"}));
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_THAT(outcome.err, HasSubstr("neither XDG_DATA_HOME nor HOME is set"));
  outcome = overlay("true", options({"XDG_DATA_HOME", "HOME=/proc"}));
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_THAT(outcome.err, HasSubstr("nothing can be made in /proc"));
  EXPECT_THAT(outcome.err, HasSubstr("hint: "));
  // Where none is needed nobody asks.
  EXPECT_THAT(
      kelp({"run", "--overlay=" + place_.dir("kept"), root_, "true"}, options({"XDG_DATA_HOME", "HOME"})),
      Works());
  EXPECT_THAT(kelp({"run", root_, "true"}, options({"XDG_DATA_HOME", "HOME"})), Works());
}

TEST_F(OverlayOnDisk, IsRefusedWhereSomethingElseStandsInItsPlace) {
  place_.dir("data/kelp");
  place_.dir("elsewhere/overlay-0");
  place_.link("data/kelp/layers", place_.path() + "/elsewhere");
  const Outcome outcome = overlay("true", options());
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_THAT(outcome.err, HasSubstr("cannot put a layer into " + layers_));
  EXPECT_THAT(names_in(place_.path() + "/elsewhere"), ElementsAre("overlay-0"));
}

}  // namespace
}  // namespace kelp::harness
