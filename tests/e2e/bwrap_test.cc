// SPDX-License-Identifier: Apache-2.0
// `kelp bwrap`: the effects that kelp-bwrap(1) promises, in the order of the options, and the sentences that
// callers look for. Against bubblewrap itself they are compared in tests/dialect.
#include "e2e/bwrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>

#include "harness/bpf.h"

namespace kelp::harness {
namespace {
namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Bwrap, PassesTheExitStatusOn) {
  EXPECT_EQ(in_empty("exit 7").status, 7);
  EXPECT_EQ(in_empty("exit 7", {"--unshare-pid"}).status, 7);
  EXPECT_EQ(in_empty("exit 7", {"--unshare-pid", "--as-pid-1"}).status, 7);
  EXPECT_EQ(in_empty("kill -9 $$").status, 137);
}

TEST(Bwrap, DoesWhatItIsToldInTheGivenOrder) {
  const TempDir place;
  place.file("a/inner", "of a");
  const std::string a = place.path() + "/a";
  EXPECT_EQ(in_empty("ls /m", {"--bind", a, "/m", "--tmpfs", "/m"}).out, "");
  EXPECT_EQ(in_empty("ls /m", {"--tmpfs", "/m", "--bind", a, "/m"}).out, "inner\n");
  const Outcome made =
      in_empty("ls -ld /d /d/e | cut -c1-10; readlink /l; cat /l/inner; ls -ld / | cut -c1-10",
               {"--perms", "0700", "--dir", "/d/e", "--symlink", "m", "l", "--ro-bind", a, "/m"});
  EXPECT_EQ(made.out, "drwx------\ndrwx------\nm\nof adrwxr-xr-x\n") << testing::PrintToString(made);
}

TEST(Bwrap, MountsOverTheRootItself) {
  const Outcome outcome =
      bwrap({"--ro-bind", small_root(), "/", "--tmpfs", "/tmp"},
            {"sh", "-c", "touch /tmp/x && echo made; touch /x 2>/dev/null || echo refused"});
  EXPECT_EQ(outcome.out, "made\nrefused\n") << testing::PrintToString(outcome);
  const Outcome twice =
      bwrap({"--ro-bind", small_root() + "/etc", "/", "--ro-bind", small_root(), "/"}, {"ls", "/bin/sh"});
  EXPECT_EQ(twice.out, "/bin/sh\n") << testing::PrintToString(twice);
  const Outcome empty = in_empty("ls /", {"--tmpfs", "/", "--ro-bind", small_root() + "/bin", "/bin"});
  EXPECT_EQ(empty.out, "bin\n") << testing::PrintToString(empty);
}

TEST(Bwrap, TakesTheHostsWholeRoot) {
  const Outcome outcome = bwrap({"--dev-bind", "/", "/"}, {"cat", "/proc/self/uid_map"});
  EXPECT_EQ(outcome.status, 0) << testing::PrintToString(outcome);
}

TEST(Bwrap, MakesReadOnlyWhatIsToBe) {
  const TempDir place;
  const std::string dir = place.dir("d");
  EXPECT_EQ(in_empty("touch /d/a", {"--bind", dir, "/d"}).status, 0);
  EXPECT_TRUE(fs::exists(dir + "/a"));
  EXPECT_THAT(in_empty("touch /d/b", {"--ro-bind", dir, "/d"}).err, HasSubstr("Read-only file system"));
  EXPECT_THAT(in_empty("touch /d/b", {"--bind", dir, "/d", "--remount-ro", "/d"}).err,
              HasSubstr("Read-only file system"));
  EXPECT_EQ(in_empty("touch /t/b", {"--dir", "/t", "--tmpfs", "/t", "--remount-ro", "/"}).status, 0)
      << "what is mounted below stays as it is";
  EXPECT_THAT(in_empty("true", {"--dir", "/t", "--remount-ro", "/t"}).err,
              StartsWith("bwrap: Can't remount readonly on /t: Unable to find"));
}

TEST(Bwrap, MakesDestinationsInWhatIsShared) {
  const TempDir place;
  const std::string dir = place.dir("d");
  EXPECT_EQ(in_empty("true", {"--bind", dir, "/d", "--dir", "/d/x/y"}).status, 0);
  EXPECT_TRUE(fs::is_directory(dir + "/x/y"));
}

TEST(Bwrap, HasASmallDev) {
  const Outcome outcome = in_empty(
      "ls /dev; for l in fd core ptmx; do readlink /dev/$l; done; echo x >/dev/null && head -c1 /dev/zero | "
      "wc -c; stat "
      "-c %a /dev/shm",
      {"--dev", "/dev", "--proc", "/proc"});
  EXPECT_EQ(outcome.out,
            "core\nfd\nfull\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nzero\n"
            "/proc/self/fd\n/proc/kcore\npts/ptmx\n1\n755\n")
      << testing::PrintToString(outcome);
}

TEST(Bwrap, KeepsIdsAndGivesNoRight) {
  const Outcome outcome =
      in_empty("id -u; id -g; grep -E '^(Cap(Prm|Eff|Inh|Amb)|NoNewPrivs)' /proc/self/status",
               {"--proc", "/proc", "--unshare-user", "--unshare-pid"});
  const std::string none = "0000000000000000\n";
  if (::getuid() != 0) {
    EXPECT_EQ(outcome.out, std::to_string(::getuid()) + "\n" + std::to_string(::getgid()) + "\nCapInh:\t" +
                               none + "CapPrm:\t" + none + "CapEff:\t" + none + "CapAmb:\t" + none +
                               "NoNewPrivs:\t1\n")
        << testing::PrintToString(outcome);
  }
  EXPECT_EQ(in_empty("id -u; id -g", {"--unshare-user", "--uid", "0", "--gid", "7"}).out, "0\n7\n");
  const Argv drop = {"--unshare-user", "--cap-drop", "ALL",   "--cap-add",
                     "CAP_SYS_ADMIN",  "--proc",     "/proc", "--unshare-pid"};
  EXPECT_EQ(in_empty("grep CapEff /proc/self/status", drop).out, "CapEff:\t0000000000200000\n");
}

TEST(Bwrap, HasTheEnvironmentOfItsCaller) {
  const Outcome outcome = bwrap({"--ro-bind", small_root(), "/", "--setenv", "B", "2", "--unsetenv", "C"},
                                {"sh", "-c", "echo $A$B$C $PWD"}, {.env = {"A=1", "C=3"}, .cwd = "/"});
  EXPECT_EQ(outcome.out, "12 /\n") << testing::PrintToString(outcome);
  EXPECT_EQ(bwrap({"--ro-bind", small_root(), "/", "--clearenv"}, {"/bin/env"}, {.cwd = "/"}).out, "PWD=/\n");
}

TEST(Bwrap, StartsWhereItsCallerIsIfThatIsThere) {
  const TempDir place;
  const std::string dir = place.dir("d");
  const std::string script = "pwd; echo $PWD";
  const Argv words = {"/bin/sh", "-c", script};
  const Argv bin = {"--ro-bind", small_root() + "/bin", "/bin"};
  const auto with = [&](Argv more) {
    more.insert(more.begin(), bin.begin(), bin.end());
    return bwrap(more, words, {.env = {"HOME=/home/x"}, .cwd = dir}).out;
  };
  EXPECT_EQ(with({"--bind", dir, dir}), dir + "\n" + dir + "\n");
  EXPECT_EQ(with({"--dir", "/home/x"}), "/home/x\n/home/x\n");
  EXPECT_EQ(with({}), "/\n/\n");
  EXPECT_EQ(with({"--dir", "/y", "--chdir", "y"}), "/y\n/y\n");
}

TEST(Bwrap, SaysWhatCallersLookFor) {
  const auto said = [](const Argv& options, const std::string& command = "/bin/true") {
    Argv words = {"--ro-bind", small_root() + "/bin", "/bin"};
    words.insert(words.end(), options.begin(), options.end());
    const Outcome outcome = bwrap(words, {command});
    EXPECT_EQ(outcome.status, 1) << testing::PrintToString(outcome);
    return outcome.err.substr(0, outcome.err.find('\n'));
  };
  EXPECT_EQ(said({"--bind", "/no/such", "/x"}),
            "bwrap: Can't find source path /no/such: No such file or directory");
  EXPECT_EQ(said({}, "/no/such"), "bwrap: execvp /no/such: No such file or directory");
  EXPECT_EQ(said({}, "nothing-of-this-name"),
            "bwrap: execvp nothing-of-this-name: No such file or directory");
  EXPECT_EQ(said({"--chdir", "/no/such"}), "bwrap: Can't chdir to /no/such: No such file or directory");
  EXPECT_EQ(said({"--dir", "/bin/x"}), "bwrap: Can't create file /bin/x: Read-only file system");
  EXPECT_EQ(said({"--dir", "/bin/x/y"}), "bwrap: Can't mkdir parents for /bin/x/y: Read-only file system");
  EXPECT_EQ(said({"--symlink", "a", "/l", "--symlink", "b", "/l"}),
            "bwrap: Can't make symlink at /l: existing destination is a");
  EXPECT_EQ(said({"--chmod", "0700", "/x"}), "bwrap: Can't open /x: No such file or directory");
  EXPECT_EQ(said({"--dir", "/x", "--ro-bind", small_root() + "/etc/passwd", "/x"}),
            "bwrap: Destination is not a file /x");
  EXPECT_EQ(said({"--foo"}), "bwrap: Unknown option --foo");
  EXPECT_EQ(said({"--level-prefix", "--foo"}), "<3>bwrap: Unknown option --foo");
  EXPECT_EQ(said({"--lock-file", "/x"}), "bwrap: Unable to open lock file /x: No such file or directory");
  EXPECT_EQ(said({"--assert-userns-disabled"}),
            "bwrap: creation of new user namespaces was not disabled as requested");
}

// bubblewrap's ends by SIGSYS then, and nothing tells it from a command that began.
TEST(Bwrap, RefusesAFilterThatKillsItsCommandBeforeItBegins) {
  const TempDir place;
  const auto under = [&](std::uint32_t number) {
    place.file("filter", bytes_of(answering(number, SECCOMP_RET_KILL_PROCESS)));
    return on_host("\"$kelp\" bwrap --ro-bind \"$root\" / --seccomp 3 true 3<'" + place.path() + "/filter'");
  };
  EXPECT_EQ(under(SYS_execve),
            (Outcome{.status = 1,
                     .err = "bwrap: execvp true: the filter of system calls kills who calls execve\n"}));
  EXPECT_EQ(under(SYS_getpriority), (Outcome{.status = 0})) << "the control";
}

TEST(Bwrap, LeavesOutWhatIsOptionalAndAbsent) {
  for (const char* option : {"--bind-try", "--ro-bind-try", "--dev-bind-try"}) {
    EXPECT_EQ(in_empty("ls /", {option, "/no/such", "/x"}).out, "bin\n") << option;
  }
}

TEST(Bwrap, IsChosenByTheNameOfTheProgram) {
  const TempDir place;
  const std::string link = place.link("bwrap", kelp_binary());
  EXPECT_EQ(run({link, "--version"}).out, kelp({"bwrap", "--version"}).out);
  EXPECT_THAT(run({link, "--version"}).out, StartsWith("bubblewrap "));
  const std::string copy = place.path() + "/copy/bwrap";
  fs::create_directory(place.path() + "/copy");
  fs::copy_file(kelp_binary(), copy);
  EXPECT_THAT(run({"bash", "-c", "exec -a other \"$0\" --version", copy}).out, StartsWith("bubblewrap "))
      << "by the file that is executed";
  EXPECT_THAT(kelp({"--version"}).out, StartsWith("kelp ")) << "the control";
}
TEST(BwrapOverlay, KeepsDiscardsOrRefusesChanges) {
  const TempDir place;
  place.file("low/a", "a");
  place.dir("up");
  place.dir("work");
  const std::string at = place.path();
  const Outcome kept = in_empty("cat /m/a; echo b >/m/b",
                                {"--overlay-src", at + "/low", "--overlay", at + "/up", at + "/work", "/m"});
  KELP_REQUIRE(kept.err.find("overlay mount") == std::string::npos, "no overlay here: " + kept.err);
  EXPECT_EQ(kept.out, "a") << testing::PrintToString(kept);
  EXPECT_TRUE(fs::exists(at + "/up/b"));
  const Outcome discarded =
      in_empty("rm /m/a; echo c >/m/c; ls /m", {"--overlay-src", at + "/low", "--tmp-overlay", "/m"});
  EXPECT_EQ(discarded.out, "c\n") << testing::PrintToString(discarded);
  EXPECT_TRUE(fs::exists(at + "/low/a"));
  EXPECT_FALSE(fs::exists(at + "/low/c"));
  const Outcome refused = in_empty(
      "ls /m; touch /m/x", {"--overlay-src", at + "/low", "--overlay-src", at + "/up", "--ro-overlay", "/m"});
  EXPECT_EQ(refused.out, "a\nb\n") << testing::PrintToString(refused);
  EXPECT_THAT(refused.err, HasSubstr("Read-only file system"));
}

}  // namespace
}  // namespace kelp::harness
