// SPDX-License-Identifier: Apache-2.0
// Profiles: the two that come with kelp, and files that are none.
#include <sys/stat.h>

#include "container.h"

namespace kelp::harness {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// The script in a project under the profile, on this machine's userland.
Outcome in_project(const TempDir& place, const Argv& options, const std::string& script) {
  Argv words = {"run"};
  words.insert(words.end(), options.begin(), options.end());
  words.insert(words.end(), {"host", "sh", "-c", script});
  return kelp(words, {.cwd = place.path()});
}

TEST(Profile, BesideKelpIsNotTakenFromAnotherOwner) {
  KELP_ONLY_AS("somebody who can give files away", "user", "root");
  const TempDir place;
  place.file("share/kelp/profiles/mine", "-e FROM=profile\n");
  std::filesystem::create_directory(place.path() + "/bin");
  std::filesystem::copy_file(kelp_binary(), place.path() + "/bin/kelp");
  const Argv words = {place.path() + "/bin/kelp", "run", "--profile=mine", "host", "sh", "-c", "echo $FROM"};
  EXPECT_EQ(run(words).out, "profile\n");
  for (const char* directory : {"share", "share/kelp", "share/kelp/profiles"}) {
    const std::string path = place.path() + "/" + directory;
    for (const auto& [spoil, mend] : {std::pair{Argv{"chown", "1:1"}, Argv{"chown", "0:0"}},
                                      std::pair{Argv{"chmod", "1777"}, Argv{"chmod", "755"}}}) {
      ASSERT_EQ(kelp({"unshare", spoil[0], spoil[1], path}).status, 0);
      const Outcome outcome = run(words);
      EXPECT_EQ(outcome.status, 125) << spoil[0] << " " << path;
      EXPECT_THAT(outcome.err, HasSubstr("there is no such profile")) << outcome.err;
      ASSERT_EQ(kelp({"unshare", mend[0], mend[1], path}).status, 0);
      EXPECT_EQ(run(words).out, "profile\n");
    }
  }
}

TEST(AgentProfile, KeepsTheProjectWritableAndItsGuardsClosed) {
  const TempDir place;
  place.file(".git/hooks/pre-commit", "#!/bin/sh\n", 0755);
  place.file(".git/config", "[core]\n");
  place.file(".env", "KEY=coral");
  place.file("code.c", "int x;\n");
  const std::string tries =
      "echo y > code.c || echo cannot-write\n"
      "echo ../evil > .git/commondir; mkdir .git/modules\n"
      "cat .env; echo more > .env\n"
      "echo evil > .git/hooks/pre-commit; echo evil > .git/hooks/post-commit; rm -rf .git/hooks/pre-commit\n"
      "mv .git moved; mv .git/hooks moved; echo evil > .git/config; mv .git/config moved\n"
      "ls moved 2>&1 | head -1";
  const Outcome outcome = in_project(place, {"--profile", "agent"}, tries);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(read_file(place.path() + "/code.c"), "y\n") << outcome.err;
  EXPECT_THAT(names_in(place.path() + "/.git"), testing::UnorderedElementsAre("hooks", "config"));
  EXPECT_EQ(read_file(place.path() + "/.git/hooks/pre-commit"), "#!/bin/sh\n");
  EXPECT_EQ(read_file(place.path() + "/.git/config"), "[core]\n");
  EXPECT_EQ(read_file(place.path() + "/.env"), "KEY=coral");
  EXPECT_EQ(names_in(place.path() + "/.git/hooks"), Argv{"pre-commit"});
  EXPECT_EQ(outcome.out.find("coral"), std::string::npos) << outcome.out;

  // The control: the same tries without the profile. A file system of its own is copied by mv, not moved.
  std::filesystem::remove_all(place.path() + "/moved");
  in_project(place, {"--here"}, tries);
  EXPECT_EQ(names_in(place.path() + "/moved/hooks"), Argv{"post-commit"});
}

// What an archive, or an earlier run without a .git, may have left in the project.
TEST(AgentProfile, SharesNothingThatAGitWhichIsALinkLeadsTo) {
  const TempDir place;
  place.file("secret", "coral");
  const std::string project = place.dir("project");
  place.link("project/.git", "..");
  const Argv command = {"host", "cat", place.path() + "/secret"};
  const auto start = [&](const Argv& options) {
    Argv words = {"run"};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), command.begin(), command.end());
    return kelp(words, {.cwd = project});
  };
  const Outcome outcome = start({"--profile=agent"});
  EXPECT_EQ(outcome.status, 125) << outcome.out;
  EXPECT_THAT(outcome.err, StartsWith("kelp: cannot share " + project +
                                      "/.git: it is a symbolic link, and nofollow was asked for ("));
  EXPECT_THAT(outcome.err, testing::EndsWith("\nhint: look at where it leads (readlink); if that is right, "
                                             "put it in the place of the link\n"));
  EXPECT_EQ(start({"--here", "-v", project + "/.git:" + place.path() + ":ro,try"}).out, "coral")
      << "the control: a mount that follows it";
}

TEST(AgentProfile, WorksWhereThereIsNothingToGuard) {
  const TempDir place;
  EXPECT_EQ(in_project(place, {"--profile=agent"}, "echo made > made && cat made").out, "made\n");
}

TEST(AgentProfile, HasNoNetworkUnlessTheCommandLineSaysSo) {
  const TempDir place;
  const std::string interfaces = "tail -n +3 /proc/net/dev | wc -l";
  EXPECT_EQ(in_project(place, {"--profile=agent"}, interfaces).out, "1\n");
  EXPECT_EQ(in_project(place, {"--profile=agent", "--network=host"}, interfaces).out,
            run({"sh", "-c", interfaces}).out);
}

TEST(BuildProfile, PassesTheVariablesOfCompilers) {
  const TempDir place;
  const Outcome outcome = kelp({"run", "--profile=build", "host", "sh", "-c", "echo $CFLAGS $SECRET > flags"},
                               {.env = {"CFLAGS=-O3", "SECRET=coral"}, .cwd = place.path()});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(read_file(place.path() + "/flags"), "-O3\n");
}

TEST(Profile, IsNamedByFileAndLine) {
  const TempDir place;
  const std::string file = place.file("p", "# flags\n--hide=relative\n");
  EXPECT_THAT(run_in(small_root(), {"--profile", file}, {"true"}),
              AllOf(CannotStart(), testing::Field(&Outcome::err, HasSubstr(file + ":2: --hide=relative"))));
  const std::string good = place.file("good", "--tmpfs /scratch\n");
  EXPECT_THAT(run_in(small_root(), {"--dry-run", "--profile", good}, {"true"}).out,
              HasSubstr("[" + good + ":1: --tmpfs /scratch]\n"));
}

TEST(Profile, OfOnesOwnComesBeforeThoseOfKelp) {
  const TempDir place;
  place.file("kelp/profiles/agent", "--hostname=mine\n");
  const Outcome outcome = kelp({"run", "--profile=agent", small_root(), "hostname"},
                               {.env = {"XDG_CONFIG_HOME=" + place.path()}});
  EXPECT_EQ(outcome.out, "mine\n") << outcome.err;
}

TEST(BadProfile, IsRefusedInOneSentence) {
  const TempDir place;
  const std::string fifo = place.path() + "/fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0644), 0);
  const std::string huge = place.file("huge", std::string(2U << 20U, '#'));
  const std::string binary = place.file("binary", std::string("\x7f"
                                                              "ELF\0\0\1",
                                                              7));
  EXPECT_EQ(run_in(small_root(), {"--profile", fifo}, {"true"}).err,
            "kelp: cannot read " + fifo + ": it is not a regular file (--profile " + fifo + ")\n");
  EXPECT_EQ(run_in(small_root(), {"--profile", place.path() + "/"}, {"true"}).status, 125);
  EXPECT_THAT(run_in(small_root(), {"--profile", huge}, {"true"}), CannotStart());
  EXPECT_EQ(run_in(small_root(), {"--profile", binary}, {"true"}).err,
            "kelp: cannot read " + binary + ":1: there is a control character in it\n");
  EXPECT_EQ(run_in(small_root(), {"--profile", place.path() + "/absent"}, {"true"}).err,
            "kelp: cannot open " + place.path() + "/absent: No such file or directory (--profile " +
                place.path() + "/absent)\n");
  EXPECT_THAT(run_in(small_root(), {"--profile=no-such"}, {"true"}).err,
              StartsWith("kelp: cannot use --profile=no-such: there is no such profile: none of "));
}

TEST(BadProfile, IsToldThatNoShellReadsIt) {
  const TempDir place;
  const std::string file = place.file("p", "-v ~/no-such:/a\n-v $HOME/no-such:/b\n-v /no/such:/c\n");
  const std::string hint =
      "hint: kelp puts in no ~ and no $NAME; in a profile ${HOME} and ${PWD} stand for yours\n";
  EXPECT_EQ(run_in(small_root(), {"--profile", file}, {"true"}).err,
            "kelp: cannot share ~/no-such (" + file + ":1: -v ~/no-such:/a): No such file or directory\n" +
                hint + "kelp: cannot share $HOME/no-such (" + file +
                ":2: -v $HOME/no-such:/b): No such file or directory\n" + hint +
                "kelp: cannot share /no/such (" + file + ":3: -v /no/such:/c): No such file or directory\n");
}

TEST(BadProfile, ThatMayNotBeReadIsRefused) {
  KELP_ONLY_AS("root reads every file", "user", "noranges");
  const TempDir place;
  const std::string file = place.file("p", "--read-only\n", 0);
  EXPECT_EQ(run_in(small_root(), {"--profile", file}, {"true"}).err,
            "kelp: cannot open " + file + ": Permission denied (--profile " + file + ")\n");
}

}  // namespace
}  // namespace kelp::harness
