// SPDX-License-Identifier: Apache-2.0
// What covers a part of a shared directory lands in that directory, whoever renames what lies above it in
// ROOT meanwhile; and nothing comes to lie in a shared directory by a link of ROOT's, where nobody would
// expect it.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

class Grounds : public testing::Test {
 protected:
  Grounds() : root_(make_small_root(place_)) {
    place_.file("share/.env", "SECRET\n");
    place_.file("share/sub/file", "file\n");
    place_.file("mine", "mine\n");
    place_.file("data/file", "data\n");
  }

  struct Seen {
    int started = 0, refused = 0, moved = 0, secrets = 0;
  };
  // That many starts while two names in ROOT are exchanged as fast as it goes: somebody who shares ROOT.
  Seen start_while_exchanged(const std::string& one, const std::string& other, const Argv& options) const {
    std::atomic<bool> is_over = false;
    std::thread swapper([&] {
      const std::string first = root_ + one, second = root_ + other;
      while (!is_over)
        syscall(SYS_renameat2, AT_FDCWD, first.c_str(), AT_FDCWD, second.c_str(), 2 /* RENAME_EXCHANGE */);
    });
    Seen seen;
    for (int i = 0; i < tries(60); ++i) {
      const Outcome outcome = inside("test -e " + other + "/sub/file && test ! -L " + other +
                                         " && echo moved; cat " + one + "/.env " + other + "/.env; exit 0",
                                     options, root_);
      EXPECT_THAT(outcome.status, AnyOf(0, 125)) << outcome.err;
      if (outcome.status == 0) ++seen.started;
      if (outcome.status == 125) ++seen.refused;
      if (outcome.out.find("moved") != std::string::npos) ++seen.moved;
      if (outcome.out.find("SECRET") != std::string::npos) ++seen.secrets;
    }
    is_over = true;
    swapper.join();
    return seen;
  }
  Argv hiding(const Argv& more = {}) const {
    Argv options = {"--require=paths", "--seccomp=@no-userns", "-v", share() + ":/mnt"};
    options.insert(options.end(), more.begin(), more.end());
    return options;
  }
  std::string share() const { return place_.path() + "/share"; }
  std::string mine() const { return place_.path() + "/mine"; }
  std::string data() const { return place_.path() + "/data"; }

  TempDir place_;
  std::string root_;
};

TEST_F(Grounds, OfWhatIsHiddenAreWhatWasSharedWhoeverRenamesItsDirectory) {
  place_.file("root/mnt/.env", "decoy\n");
  place_.file("root/mnt2/.env", "decoy\n");
  const Seen seen = start_while_exchanged("/mnt", "/mnt2", hiding({"--hide=/mnt/.env"}));
  EXPECT_EQ(seen.secrets, 0);
  EXPECT_GT(seen.started, 0);
  EXPECT_GT(seen.moved, 0) << "the swapper was never in time: the test proves nothing";
}

// What is absent need not be hidden; but is it absent?
TEST_F(Grounds, OfWhatIsHiddenAreNotTakenForAbsent) {
  place_.dir("root/mnt");
  place_.dir("root/mnt2");
  const Seen seen = start_while_exchanged("/mnt", "/mnt2", hiding({"--hide=/mnt/.env"}));
  EXPECT_EQ(seen.secrets, 0);
  EXPECT_GT(seen.started, 0);
  EXPECT_GT(seen.moved, 0) << "the swapper was never in time: the test proves nothing";
}

// The link leads into what was shared as well, to another place there.
TEST_F(Grounds, OfWhatIsHiddenAreNotAnotherPlaceInWhatWasShared) {
  place_.dir("root/mnt");
  place_.link("root/mnt2", "/mnt2/sub");
  const Seen seen = start_while_exchanged("/mnt", "/mnt2", hiding({"--hide=/mnt/.env"}));
  EXPECT_EQ(seen.secrets, 0);
  EXPECT_GT(seen.started, 0);
  EXPECT_GT(seen.moved, 0) << "the swapper was never in time: the test proves nothing";
}

TEST_F(Grounds, OfReadOnlyMountsAreWhatWasSharedToo) {
  place_.file("root/mnt/.env", "decoy\n");
  place_.file("root/mnt2/.env", "decoy\n");
  for (const Argv& cover : {Argv{"-v", mine() + ":/mnt/.env:ro"}, Argv{"--tmpfs=/mnt/sub"}}) {
    const Seen seen = start_while_exchanged("/mnt", "/mnt2", hiding(cover));
    EXPECT_GT(seen.started, 0);
    if (cover.size() == 2) {
      EXPECT_EQ(seen.secrets, 0);
    }
  }
}

// That shows that the tests could fail.
TEST_F(Grounds, LeaveWhatIsNotHiddenToBeSeen) {
  place_.dir("root/mnt");
  place_.dir("root/mnt2");
  const Seen seen = start_while_exchanged("/mnt", "/mnt2", hiding());
  EXPECT_GT(seen.secrets, 0);
}

TEST_F(Grounds, BehindALinkOfTheRootsAreRefused) {
  place_.dir("root/run");
  place_.dir("root/var");
  place_.link("root/var/run", "/run");
  const auto refusal = [&](const std::string& typed) {
    return Outcome{
        .status = 125,
        .err = "kelp: cannot mount on /var/run/app/.env: it leads to /run/app/.env, which lies in -v " +
               share() + ":/run/app (" + typed +
               ")\nhint: what is mounted below another mount begins with that one's own path\n"};
  };
  const std::string option = mine() + ":/var/run/app/.env:ro";
  EXPECT_EQ(run_in(root_, {"-v", share() + ":/run/app", "-v", option}, {"true"}), refusal("-v " + option));
  EXPECT_EQ(run_in(root_, {"-v", share() + ":/run/app", "--hide=/var/run/app/.env"}, {"true"}),
            refusal("--hide=/var/run/app/.env"));
  const Outcome tmpfs = run_in(root_, {"-v", share() + ":/run/app", "--tmpfs=/var/run/app/sub"}, {"true"});
  EXPECT_EQ(tmpfs.status, 125);
  EXPECT_THAT(tmpfs.err, HasSubstr("it leads to /run/app/sub, which lies in -v"));
  const Outcome file =
      kelp({"run", "-v", share() + ":/run/app", "--file=0:/var/run/app/.env", root_, "true"});
  EXPECT_EQ(file.status, 125);
  EXPECT_THAT(file.err, HasSubstr("it leads to /run/app/.env, which lies in -v"));
  // By its own path, and by one link for both.
  for (const char* at : {"/run/app", "/var/run/app"}) {
    const std::string to = at;
    const Outcome outcome = inside(
        "cat /run/app/.env", hiding({"-v", share() + ":" + to, "-v", mine() + ":" + to + "/.env:ro"}), root_);
    EXPECT_EQ(outcome.out, "mine\n") << outcome.err;
  }
}

TEST_F(Grounds, BehindALinkIntoAMountBelowWhatIsSharedAreRefused) {
  KELP_REQUIRE(has_program("unshare"), "unshare is not installed");
  place_.link("root/alias", "/mnt/sub");
  const auto start = [&](const std::string& to) {
    return with_mounts(
        "mount -t tmpfs t \"$1/share/sub\"; mkdir \"$1/share/sub/deep\" \"$1/root/mnt\" || :; "
        "\"$kelp\" run -v \"$1/share:/mnt\" -v \"$1/data:$2\" \"$1/root\" cat /mnt/sub/deep/file",
        {place_.path(), to});
  };
  EXPECT_EQ(start("/mnt/sub/deep").out, "data\n");
  const Outcome outcome = start("/alias/deep");
  EXPECT_EQ(outcome.status, 125);
  EXPECT_THAT(outcome.err, HasSubstr("it leads to /mnt/sub/deep, which lies in -v"));
}

// A mount that came with ROOT is ROOT, not what was shared before.
TEST_F(Grounds, InAMountThatCameWithTheRootAreNobodysElse) {
  KELP_REQUIRE(has_program("unshare"), "unshare is not installed");
  place_.dir("root/srv");
  place_.dir("root/mnt");
  const Outcome outcome = with_mounts(
      "mount -t tmpfs t \"$1/root/srv\"; mkdir \"$1/root/srv/deep\"; "
      "\"$kelp\" run -v \"$1/share:/mnt\" -v \"$1/data:/srv/deep\" \"$1/root\" cat /srv/deep/file",
      {place_.path()});
  EXPECT_EQ(outcome.out, "data\n") << outcome.err;
}

TEST_F(Grounds, MayBeReachedByLinksOfWhatWasSharedThatStayInIt) {
  place_.link("share/inner", "sub");
  place_.link("share/around", "sub/../.env");
  place_.link("share/outer", "/etc");
  place_.link("share/upwards", "../etc/passwd");
  place_.link("share/nowhere", "none");
  const Outcome outcome = inside("cat /mnt/sub/file /mnt/.env",
                                 hiding({"-v", mine() + ":/mnt/inner/file", "--hide=/mnt/around",
                                         "--hide=/mnt/none", "--hide=/mnt/nowhere", "--hide=/mnt/.env/x"}),
                                 root_);
  EXPECT_EQ(outcome.out, "mine\n") << outcome.err;
  for (const char* path : {"/mnt/outer/passwd", "/mnt/upwards"}) {
    const std::string to = path;
    EXPECT_EQ(run_in(root_, {"-v", share() + ":/mnt", "-v", mine() + ":" + to}, {"true"}).err,
              "kelp: cannot open " + to + ": a link on the way leads out of the mount that it lies in (-v " +
                  mine() + ":" + to + ")\n");
    EXPECT_EQ(run_in(root_, {"-v", share() + ":/mnt", "--hide", to}, {"true"}).status, 125);
  }
}

TEST_F(Grounds, OfTheSameDestinationTwiceAreOneOnTheOther) {
  for (const Argv& mounts : std::vector<Argv>{
           {"-v", share() + ":/mnt", "-v", data() + ":/mnt"},
           {"--tmpfs=/mnt", "-v", data() + ":/mnt"},
           {"-v", share() + ":/mnt", "--tmpfs=/mnt/sub", "-v", data() + ":/mnt/sub", "-v", data() + ":/mnt"},
           {"-v", share() + ":/mnt/deep/er", "-v", data() + ":/mnt"}}) {
    EXPECT_EQ(inside("cat /mnt/file", mounts, root_).out, "data\n") << testing::PrintToString(mounts);
  }
}

TEST_F(Grounds, ThatAreNotThereAreNone) {
  place_.dir("root/mnt/sub");
  const Outcome outcome = inside(
      "cat /mnt/sub/file",
      {"-v", place_.path() + "/none:/mnt:try", "-v", data() + ":/mnt/sub", "-v", mine() + ":/mnt/sub/file"},
      root_);
  EXPECT_EQ(outcome.out, "mine\n") << outcome.err;
}

// Between others, whose tops are not at hand any more.
TEST_F(Grounds, AreFoundAgain) {
  Argv options;
  for (const char* name : {"/a", "/b", "/c"}) {
    options.insert(options.end(), {"-v", share() + ":" + name});
  }
  for (const char* name : {"/b", "/a", "/c"}) options.push_back(std::string("--hide=") + name + "/.env");
  options.insert(options.end(), {"-v", mine() + ":/a/sub/file", "-v", data() + ":/b/sub"});
  const Outcome outcome = inside("cat /a/.env /b/.env /c/.env /a/sub/file /b/sub/file", options, root_);
  EXPECT_EQ(outcome.out, "mine\ndata\n") << outcome.err;
}

// bubblewrap's mounts are bubblewrap's: a later one lies where its path leads.
TEST_F(Grounds, AreNotAskedForInBubblewrapsDialect) {
  place_.link("root/alias", "/mnt");
  place_.dir("root/mnt");
  const Outcome outcome = run({kelp_binary(), "bwrap", "--bind", root_, "/", "--bind", share(), "/mnt",
                               "--ro-bind", mine(), "/alias/.env", "/bin/cat", "/mnt/.env"});
  EXPECT_EQ(outcome.out, "mine\n") << outcome.err;
}

}  // namespace
}  // namespace kelp::harness
