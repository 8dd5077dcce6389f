// SPDX-License-Identifier: Apache-2.0
// The command's surroundings: variables, directory, umask, names, arguments.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <numeric>
#include <set>
#include <sstream>

#include "harness/harness.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kPath[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n";

// The environment of the command, a line a variable, sorted.
std::string environment(Argv flags, RunOptions options = {}) {
  flags.insert(flags.begin(), "run");
  flags.insert(flags.end(), {small_root(), "env"});
  const Outcome outcome = kelp(flags, std::move(options));
  EXPECT_EQ(outcome.err, "");
  std::istringstream text(outcome.out);
  std::multiset<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.insert(line + "\n");
  return std::accumulate(lines.begin(), lines.end(), std::string());
}

TEST(Environment, IsKelpsOwnAndNothingElse) {
  EXPECT_EQ(
      environment({"--fake-root=off"},
                  {.env = {"TERM=xterm", "LD_PRELOAD=", "AWS_SECRET_ACCESS_KEY=coral", "SSH_AUTH_SOCK=/x",
                           "HOME=/home/me", "USER=me", "LOGNAME=me", "PATH=/opt:/bin:/usr/bin"}}),
      std::string("HOME=/root\nLANG=C.UTF-8\n") + kPath + "USER=root\n")
      << "no TERM: there is no terminal";
}

// The kernel asks for nothing but an equals sign, and other engines pass such names too.
TEST(Environment, PassesNamesThatNoShellWouldTake) {
  const std::string all = environment({"-e", "A B=x", "-e", "1=y", "-e", "a-b=z"});
  for (const char* line : {"A B=x\n", "1=y\n", "a-b=z\n"}) EXPECT_THAT(all, HasSubstr(line));
}

TEST(Environment, RefusesAVariableWithoutAName) {
  for (const std::string value : {"=x", "="}) {
    EXPECT_EQ(kelp({"run", "-e", value, small_root(), "true"}),
              (Outcome{.status = 125,
                       .err = "kelp: cannot read -e " + value + ": the name of the variable is empty\n"}));
  }
}

TEST(Environment, HoldsNoSecretOfTheCallerAnywhereInside) {
  const Outcome outcome = kelp({"run", small_root(), "sh", "-c",
                                "cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'; env"},
                               {.env = {"TOKEN=coral-reef"}});
  EXPECT_THAT(outcome.out, Not(HasSubstr("coral-reef")));
}

TEST(Environment, HasTermOnATerminal) {
  PtySession session({kelp_binary(), "run", small_root(), "sh", "-c", "echo \"<$TERM>\""},
                     {.env = {"TERM=xterm-x"}}, {});
  EXPECT_THAT(session.finish().out, HasSubstr("<xterm-x>"));
}

TEST(Environment, TakesHomeAndUserFromThePasswdOfTheRoot) {
  KELP_ONLY_AS("it takes a second id", "user", "nested", "root");
  EXPECT_THAT(environment({"-u", "alga"}), HasSubstr("HOME=/home/alga\n"));
  EXPECT_THAT(environment({"-u", "1000"}), HasSubstr("USER=alga\n"));
  const std::string unknown = environment({"-u", "4711"});
  EXPECT_THAT(unknown, HasSubstr("HOME=/\n"));
  EXPECT_THAT(unknown, Not(HasSubstr("USER=")));
}

TEST(Environment, TakesWhatEAsksFor) {
  const std::string seen = environment(
      {"-e", "A=1", "-e", "B=", "-e", "C=x=y z", "--env=MINE", "-e", "ABSENT", "-e", "LC_*", "-e", "A=2"},
      {.env = {"MINE=own", "LC_ALL=C", "LC_TIME=", "LCD=no"}});
  for (const std::string line : {"A=2\n", "B=\n", "C=x=y z\n", "MINE=own\n", "LC_ALL=C\n", "LC_TIME=\n"})
    EXPECT_THAT(seen, HasSubstr(line));
  for (const std::string none : {"A=1", "ABSENT", "LCD"}) EXPECT_THAT(seen, Not(HasSubstr(none)));
}

TEST(Environment, LetsEOverrideKelpsOwn) {
  const std::string seen =
      environment({"--fake-root=off", "-e", "HOME=/x", "-e", "USER=", "-e", "PATH=/bin", "-e", "LANG=C"});
  EXPECT_EQ(seen, "HOME=/x\nLANG=C\nPATH=/bin\nUSER=\n");
}

TEST(Environment, KeepsAnEmptyHome) {
  EXPECT_THAT(environment({"--fake-root=off", "-e", "HOME="}), testing::StartsWith("HOME=\nLANG"));
}

TEST(Environment, ReadsAFile) {
  const TempDir place;
  const std::string file = place.file("env", "# comment\n\nA=1\r\nB=\"quoted\"\n  C=with blanks \nMINE\n");
  const std::string seen = environment({"--env-file", file, "-e", "A=flag"}, {.env = {"MINE=own"}});
  for (const std::string line : {"A=flag\n", "B=\"quoted\"\n", "C=with blanks \n", "MINE=own\n"})
    EXPECT_THAT(seen, HasSubstr(line));
}

TEST(Environment, IsEmptyWhenCleared) {
  EXPECT_EQ(environment({"--clear-env"}), "");
  EXPECT_EQ(environment({"-e", "B=2", "--clear-env", "-e", "A=1"}), "A=1\nB=2\n");
}

TEST(Environment, OfNothingStillFindsPrograms) {
  EXPECT_EQ(kelp({"run", "--clear-env", small_root(), "echo", "found"}).out, "found\n");
}

TEST(Environment, PassesAnyBytes) {
  const std::string value = "a\nb\xff\x01 'x'";
  EXPECT_EQ(kelp({"run", "-e", "X=" + value, small_root(), "sh", "-c", "printf %s \"$X\""}).out, value);
}

TEST(Arguments, ArriveUnchanged) {
  const std::string odd = "new\nline\t\"'\\ $x \xff\xfe \x1b[0m";
  EXPECT_EQ(kelp({"run", small_root(), "printf", "%s|", "", odd, "--flag", "-e", "-", "--", "ROOT"}).out,
            "|" + odd + "|--flag|-e|-|--|ROOT|");
}

TEST(Arguments, MayBeAHundredThousand) {
  Argv argv = {"run", small_root(), "sh", "-c", "echo $# $1 ${100000}", "sh"};
  for (int i = 1; i <= 100'000; ++i) argv.push_back(std::to_string(i));
  const Outcome outcome = kelp(argv);
  EXPECT_EQ(outcome.out, "100000 1 100000\n") << outcome.err;
}

TEST(Arguments, NamedLikeFlagsBelongToTheCommand) {
  EXPECT_EQ(kelp({"run", small_root(), "--", "echo", "--help"}).out, "--help\n");
  EXPECT_EQ(kelp({"run", "--", small_root(), "echo", "--help"}).out, "--help\n");
  const TempDir place;
  const std::string root = make_small_root(place);
  place.link("root/bin/--bind", "busybox");
  EXPECT_THAT(kelp({"run", root, "--", "--bind"}).err, Not(HasSubstr("kelp:")));
  EXPECT_EQ(kelp({"run", root, "--bind"}).err,
            "kelp: cannot use --bind after ROOT: flags end at ROOT\nhint: write it before " + root +
                ", or -- before a command of that name\n");
}

TEST(Entrypoint, GetsTheCommandAsArguments) {
  EXPECT_EQ(kelp({"run", "--entrypoint", "echo", small_root(), "a", "b"}).out, "a b\n");
  EXPECT_EQ(kelp({"run", "--entrypoint=/bin/echo", small_root()}).out, "\n");
}

TEST(Shell, IsTheCallersWhereTheRootHasIt) {
  const RunOptions ash = {.stdin_text = "echo $0\n", .env = {"SHELL=/bin/ash"}};
  EXPECT_EQ(kelp({"run", small_root()}, ash).out, "/bin/ash\n");
  const RunOptions fish = {.stdin_text = "echo $0\n", .env = {"SHELL=/usr/bin/fish"}};
  EXPECT_EQ(kelp({"run", small_root()}, fish).out, "/bin/sh\n");
  const RunOptions none = {.stdin_text = "echo $0\n", .env = {"SHELL"}};
  EXPECT_EQ(kelp({"run", small_root()}, none).out, "/bin/sh\n");
}

TEST(Workdir, IsTheRootUnlessAskedOtherwise) {
  EXPECT_EQ(kelp({"run", small_root(), "pwd"}, {.cwd = "/usr"}).out, "/\n");
  EXPECT_EQ(kelp({"run", "-w", "/home/alga", small_root(), "pwd"}).out, "/home/alga\n");
}

TEST(Workdir, ThatCannotBeEnteredIsRefused) {
  const auto said = [](const std::string& directory) {
    const Outcome outcome = kelp({"run", "-w", directory, small_root(), "true"});
    EXPECT_EQ(outcome.status, 125);
    return outcome.err;
  };
  EXPECT_EQ(said("/no/such"), "kelp: cannot enter /no/such: No such file or directory (-w /no/such)\n");
  EXPECT_EQ(said("/etc/passwd"), "kelp: cannot enter /etc/passwd: Not a directory (-w /etc/passwd)\n");
  EXPECT_EQ(said("here"), "kelp: cannot start in 'here': the directory is not absolute (-w here)\n");
  EXPECT_THAT(said("/proc/self/fd/3"), testing::StartsWith("kelp: cannot enter /proc/self/fd/3: "));
  EXPECT_THAT(said("/proc/1/cwd"), testing::StartsWith("kelp: cannot enter /proc/1/cwd: "));
}

TEST(Umask, Is022UnlessAskedOtherwise) {
  const RunOptions odd = {.before_exec = [] { umask(0777); }};
  EXPECT_EQ(kelp({"run", small_root(), "sh", "-c", "umask"}, odd).out, "0022\n");
  EXPECT_EQ(kelp({"run", "--umask=077", small_root(), "sh", "-c", "umask"}).out, "0077\n");
}

TEST(Names, AreKnownInside) {
  const Outcome outcome = kelp({"run", "--hostname=reef", "--domainname=sea", small_root(), "sh", "-c",
                                "hostname; cat /proc/sys/kernel/domainname; grep -c reef /etc/hosts"});
  EXPECT_EQ(outcome.out, "reef\nsea\n1\n") << outcome.err;
}

}  // namespace
}  // namespace kelp::harness
