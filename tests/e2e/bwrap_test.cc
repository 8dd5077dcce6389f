// SPDX-License-Identifier: Apache-2.0
// `kelp bwrap`: the effects that kelp-bwrap(1) promises, in the order of the options, and the sentences that
// callers look for. Against bubblewrap itself they are compared in tests/dialect.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "harness/harness.h"

namespace kelp::harness {
namespace {
namespace fs = std::filesystem;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
Outcome bwrap(const Argv& options, const Argv& command, RunOptions run_options = {}) {
  Argv words = {kelp_binary(), "bwrap"};
  words.insert(words.end(), options.begin(), options.end());
  words.insert(words.end(), command.begin(), command.end());
  return run(words, std::move(run_options));
}

// The script in a sandbox whose root is an empty tmpfs with busybox in it.
Outcome in_empty(const std::string& script, const Argv& options = {}) {
  Argv words = {"--ro-bind", small_root() + "/bin", "/bin"};
  words.insert(words.end(), options.begin(), options.end());
  return bwrap(words, {"/bin/sh", "-c", script});
}

// A shell script on the host, in which "$kelp" is kelp and "$root" a small root: for descriptors.
Outcome on_host(const std::string& script) {
  return run({"sh", "-c", "kelp=$1 root=$2; " + script, "sh", kelp_binary(), small_root()});
}

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

TEST(BwrapDescriptors, PassToTheCommandUnlessUsedUpOrDirectories) {
  const Outcome outcome = on_host(
      "exec 7</dev/null 8</ 9</dev/null; echo data | "
      "\"$kelp\" bwrap --ro-bind \"$root/bin\" /bin --tmpfs /tmp --proc /proc --file 9 /tmp/x ls "
      "/proc/self/fd");
  const std::string fds = "\n" + outcome.out;
  EXPECT_THAT(fds, HasSubstr("\n7\n")) << testing::PrintToString(outcome);
  EXPECT_THAT(fds, Not(HasSubstr("\n8\n"))) << "a directory";
  EXPECT_THAT(fds, Not(HasSubstr("\n9\n"))) << "used up";
}

TEST(BwrapDescriptors, FillFiles) {
  const Outcome outcome = on_host(
      "echo one >\"$TMPDIR/bwrap-one.$$\"; "
      "\"$kelp\" bwrap --ro-bind \"$root\" / --tmpfs /tmp --file 3 /tmp/d/a --perms 0640 --bind-data 4 "
      "/tmp/b "
      "--ro-bind-data 5 /tmp/c sh -c 'cat /tmp/d/a /tmp/b /tmp/c; stat -c %a /tmp/d/a /tmp/b /tmp/c; "
      "echo x >>/tmp/b && cat /tmp/b; echo x >>/tmp/c' 3<\"$TMPDIR/bwrap-one.$$\" 4<<two "
      "5<<three\n2\ntwo\n3\nthree\n"
      "rm \"$TMPDIR/bwrap-one.$$\"");
  EXPECT_EQ(outcome.out, "one\n2\n3\n666\n640\n600\n2\nx\n") << testing::PrintToString(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("Read-only file system"));
}

TEST(BwrapDescriptors, CanBePrograms) {
  const Outcome outcome = on_host(
      "\"$kelp\" bwrap --ro-bind \"$root\" / --tmpfs /tmp --perms 0755 --ro-bind-data 3 /tmp/p /tmp/p "
      "3<<end\n"
      "#!/bin/sh\necho ran\nend\n");
  EXPECT_EQ(outcome.out, "ran\n") << testing::PrintToString(outcome);
}

TEST(BwrapDescriptors, AreBoundWhereTheyLead) {
  const TempDir place;
  place.file("d/inner", "text");
  const std::string script = "exec 3<'" + place.path() +
                             "/d'; \"$kelp\" bwrap --ro-bind \"$root\" / --tmpfs /tmp --ro-bind-fd 3 /tmp/x "
                             "sh -c 'cat /tmp/x/inner; touch /tmp/x/y'";
  const Outcome outcome = on_host(script);
  EXPECT_EQ(outcome.out, "text") << testing::PrintToString(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("Read-only file system"));
}

TEST(BwrapStatus, IsWrittenAtTheStartAndAtTheEnd) {
  const Outcome outcome = on_host(
      "\"$kelp\" bwrap --ro-bind \"$root\" / --unshare-pid --json-status-fd 3 --info-fd 4 sh -c 'exit 5' "
      "3>&1 4>&2 >/dev/null");
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.out,
              ContainsRegex("^\\{ \"child-pid\": [0-9]+, \"mnt-namespace\": [0-9]+, \"pid-namespace\": "
                            "[0-9]+ \\}\n\\{ \"exit-code\": 5 \\}\n$"));
  EXPECT_THAT(outcome.err,
              ContainsRegex("^\\{\n    \"child-pid\": [0-9]+,\n    \"mnt-namespace\": [0-9]+,\n"));
}

TEST(BwrapStatus, HasNoExitCodeWhereNothingRan) {
  const Outcome outcome = on_host("\"$kelp\" bwrap --ro-bind \"$root\" / --json-status-fd 3 /no/such 3>&1");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("child-pid"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("exit-code")));
}

TEST(BwrapStatus, InfoEndsBeforeTheCommandDoes) {
  const Outcome outcome = on_host(
      "dir=$(mktemp -d); mkfifo $dir/f $dir/g; \"$kelp\" bwrap --ro-bind \"$root\" / --block-fd 4 --info-fd "
      "3 echo "
      "ran "
      "3>$dir/f 4<>$dir/g & exec 5<$dir/f; read line <&5; echo \"$line\"; kill $!; rm -r $dir");
  EXPECT_THAT(outcome.out, StartsWith("{\n"));
}

TEST(BwrapProcess, WaitsForADescriptor) {
  const Outcome outcome = on_host(
      "(sleep 0.5; echo go >&2; echo x) | \"$kelp\" bwrap --ro-bind \"$root\" / --block-fd 3 sh -c 'echo ran "
      ">&2' "
      "3<&0 </dev/null");
  EXPECT_EQ(outcome.err, "go\nran\n");
}

TEST(BwrapProcess, EndsWithItsCommandAndLeavesTheRestRunning) {
  const Outcome outcome = on_host(
      "dir=$(mktemp -d); \"$kelp\" bwrap --ro-bind \"$root/bin\" /bin --dev /dev --bind $dir /tmp "
      "--unshare-pid "
      "sh -c '(sleep 1; echo late >/tmp/late) >/dev/null 2>&1 </dev/null & echo early'; "
      "test -e $dir/late && echo too-soon; sleep 2; cat $dir/late; rm -r $dir");
  EXPECT_EQ(outcome.out, "early\nlate\n") << testing::PrintToString(outcome);
}

TEST(BwrapProcess, TakesEverythingAlongWithDieWithParent) {
  const Outcome outcome = on_host(
      "dir=$(mktemp -d); \"$kelp\" bwrap --ro-bind \"$root/bin\" /bin --dev /dev --bind $dir /tmp "
      "--unshare-pid "
      "--die-with-parent "
      "sh -c '(sleep 1; echo late >/tmp/late) >/dev/null 2>&1 </dev/null & echo early'; "
      "sleep 2; ls $dir; rm -r $dir");
  EXPECT_EQ(outcome.out, "early\n") << testing::PrintToString(outcome);
}

TEST(BwrapProcess, GivesAFileWithoutFormatToTheShell) {
  const TempDir place;
  place.file("script", "echo ran $1\n", 0755);
  EXPECT_EQ(
      bwrap({"--ro-bind", small_root(), "/", "--ro-bind", place.path(), "/tmp"}, {"/tmp/script", "x"}).out,
      "ran x\n");
}

TEST(BwrapProcess, HoldsLocksAndDescriptors) {
  const Outcome outcome = on_host(
      "dir=$(mktemp -d); touch $dir/l; \"$kelp\" bwrap --ro-bind \"$root/bin\" /bin --bind $dir /tmp --proc "
      "/proc "
      "--lock-file /tmp/l --sync-fd 7 sh -c 'ls /proc/self/fd | tr \"\\n\" \" \"; sleep 1; echo end' "
      "7</dev/null & sleep 0.5; "
      "cat /proc/locks | grep -c \"POSIX.*READ.*:$(stat -c %i $dir/l) \"; wait; rm -r $dir");
  EXPECT_THAT(outcome.out, testing::AllOf(HasSubstr("1\n"), HasSubstr("end\n"), HasSubstr("0 1 ")));
  EXPECT_THAT(outcome.out, Not(HasSubstr(" 7 ")));
}

TEST(BwrapNamespaces, CanBeForbiddenInside) {
  const Argv may = {"--dev-bind", "/", "/", "--unshare-user"};
  Argv may_not = may;
  may_not.emplace_back("--disable-userns");
  EXPECT_EQ(bwrap(may, {"unshare", "-U", "true"}).status, 0) << "the control";
  const Outcome refused = bwrap(may_not, {"unshare", "-U", "true"});
  EXPECT_NE(refused.status, 0);
  EXPECT_THAT(refused.err, StartsWith("unshare: ")) << "the command itself ran";
  EXPECT_EQ(bwrap(may_not, {"id", "-u"}).out, std::to_string(::getuid()) + "\n");
}

TEST(BwrapNamespaces, AreEnteredByDescriptor) {
  KELP_ONLY_AS("user namespaces of one's own", "user", "noranges");
  const Outcome outcome = on_host(
      "unshare -Ur sleep 5 & pid=$!; sleep 0.5; exec 3</proc/$pid/ns/user; readlink /proc/$pid/ns/user; "
      "\"$kelp\" bwrap --ro-bind \"$root/bin\" /bin --proc /proc --userns 3 readlink /proc/self/ns/user; "
      "kill $pid");
  const std::size_t half = outcome.out.size() / 2;
  EXPECT_THAT(outcome.out, HasSubstr("user:["));
  EXPECT_EQ(outcome.out.substr(0, half), outcome.out.substr(half)) << testing::PrintToString(outcome);
}

TEST(BwrapNamespaces, CanHaveTheirIdsMappedBySomebodyElse) {
  KELP_ONLY_AS("the kernel lets the owner map its own id", "user", "noranges");
  const Outcome outcome = on_host(
      "dir=$(mktemp -d); mkfifo $dir/i $dir/r; "
      "\"$kelp\" bwrap --unshare-user --ro-bind \"$root\" / --info-fd 3 --userns-block-fd 4 --uid 5 --gid 6 "
      "sh -c 'id -u; id -g' 3>$dir/i 4<>$dir/r & "
      "pid=$(tr -d ' ,\\n' <$dir/i | sed 's/.*child-pid\":\\([0-9]*\\).*/\\1/'); "
      "echo deny >/proc/$pid/setgroups; echo 5 $(id -u) 1 >/proc/$pid/uid_map; echo 6 $(id -g) 1 "
      ">/proc/$pid/gid_map; "
      "echo x >$dir/r; wait; rm -r $dir");
  EXPECT_EQ(outcome.out, "5\n6\n") << testing::PrintToString(outcome);
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

// What bubblewrap's CVEs of this kind did: a link in the sandbox's files that leads to the host.
TEST(BwrapHostile, DestinationsLeadNowhereOutside) {
  const TempDir place;
  const std::string outside = place.dir("outside");
  const std::string root = make_small_root(place);
  fs::create_symlink(outside, root + "/link");
  fs::create_symlink("../../../../../../../.." + outside, root + "/up");
  const Outcome made = bwrap({"--bind", root, "/", "--dir", "/link/x"}, {"true"});
  EXPECT_NE(made.status, 0);
  const Outcome written = on_host("echo x | \"$kelp\" bwrap --bind '" + root + "' / --file 0 /up/file true");
  EXPECT_NE(written.status, 0);
  EXPECT_TRUE(fs::is_empty(outside)) << testing::PrintToString(made) << testing::PrintToString(written);
}

TEST(BwrapHostile, TheWorkingDirectoryLeadsNowhereOutside) {
  const Outcome outcome = on_host(
      "exec 3</; \"$kelp\" bwrap --ro-bind \"$root/bin\" /bin --proc /proc --chdir /proc/self/fd/3 ls");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, StartsWith("bwrap: Can't chdir to /proc/self/fd/3: "));
}

TEST(BwrapHostile, ProcessOneTellsNothingOfItsCaller) {
  const Outcome outcome =
      in_empty("cat /proc/1/environ /proc/1/cmdline; cat /proc/self/environ | tr '\\0' '\\n'",
               {"--unshare-pid", "--proc", "/proc", "--setenv", "SEEN", "control"});
  EXPECT_THAT(outcome.out, HasSubstr("SEEN=control")) << testing::PrintToString(outcome);
  EXPECT_THAT(outcome.out, Not(HasSubstr("ro-bind")));
  EXPECT_THAT(outcome.err, HasSubstr("/proc/1/environ"));
}

}  // namespace
}  // namespace kelp::harness
