// SPDX-License-Identifier: Apache-2.0
// `kelp run`: what the flags about rights, the process, names and output make of the Spec.
// The values of mounts, ids and variables have tests of their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <string>
#include <variant>
#include <vector>

#include "base/text.h"
#include "cli/defaults.h"
#include "cli/lacks.h"
#include "cli/run.h"
#include "cli/verbs.h"
#include "unit/cli_read.h"

namespace kelp::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(ReadRun, AddsAndDropsCapabilitiesInAnyOrder) {
  const CapabilityMask admin = *read_capability("sys_admin");
  const CapabilityMask chown = *read_capability("chown");
  Capabilities got = spec({"--cap-add=sys_admin", "--cap-drop", "CAP_CHOWN,kill"}).command.capabilities;
  EXPECT_EQ(got.root, (default_capabilities() | admin) & ~chown & ~*read_capability("kill"));
  EXPECT_EQ(got.any_user, admin);
  for (const Words& flags :
       {Words{"--cap-add=chown", "--cap-drop=all"}, Words{"--cap-drop=all", "--cap-add=chown"}}) {
    got = spec(flags).command.capabilities;
    EXPECT_EQ(got.root, chown);
    EXPECT_EQ(got.any_user, chown);
  }
  got = spec({"--cap-add=all", "--cap-drop=sys_admin"}).command.capabilities;
  EXPECT_EQ(got.root, all_capabilities() & ~admin);
  EXPECT_EQ(got.any_user, all_capabilities() & ~admin);
  EXPECT_THAT(refusal_of({"--cap-add=chown", "--cap-drop=chown"}),
              HasSubstr("--cap-add=chown: it contradicts --cap-drop=chown"));
  EXPECT_THAT(refusal_of({"--cap-add=fly"}), HasSubstr("'fly' is no capability"));
}

TEST(ReadRun, ReadsTheFlagsOfTheProcess) {
  EXPECT_TRUE(spec({"--new-privileges"}).command.new_privileges);
  EXPECT_FALSE(spec({"--new-session=false"}).command.new_session);
  EXPECT_TRUE(spec({"--new-session"}).command.new_session);
  EXPECT_FALSE(spec({"--die-with-parent=false"}).command.die_with_parent);
  EXPECT_EQ(spec({"-it", "--rm"}).command.terminal, TerminalMode::kAlways);
  EXPECT_EQ(spec({"--tty=never", "--interactive"}).command.terminal, TerminalMode::kNever);
  EXPECT_EQ(spec({"-t=auto"}).command.terminal, TerminalMode::kAuto);
  EXPECT_EQ(spec({"--entrypoint=sh"}).command.argv, (Words{"sh", "true"}));
  EXPECT_EQ(spec({"--entrypoint="}).command.argv, Words{"true"});
  EXPECT_EQ(spec({"-w", "/src"}).command.directory, "/src");
  EXPECT_EQ(spec({"--timeout=10m"}).command.timeout_ms, 600'000U);
  EXPECT_THAT(refusal_of({"--timeout=soon"}), HasSubstr("'soon' is no time"));
  EXPECT_THAT(spec({"--preserve-fd=3,5-7", "--preserve-fd=9"}).command.preserved_fds,
              ElementsAre(3, 5, 6, 7, 9));
  EXPECT_THAT(refusal_of({"--preserve-fd=5-3"}), HasSubstr("runs backwards"));
  EXPECT_THAT(refusal_of({"--preserve-fd=0-2147483647"}), HasSubstr("more than 65536"));
  EXPECT_THAT(refusal_of({"--preserve-fd=a"}), HasSubstr("'a' is neither"));
  EXPECT_EQ(spec({"--umask=027"}).command.umask, 027U);
  EXPECT_THAT(refusal_of({"--umask=0888"}), HasSubstr("no mask in octal"));
  EXPECT_EQ(spec({"--report", "7"}).report_fd, 7);
  EXPECT_THAT(refusal_of({"--report=x"}), HasSubstr("no number of a descriptor"));
}

TEST(ReadRun, ReadsLimits) {
  const auto limits =
      spec({"--ulimit", "nofile=10:20", "--ulimit=core=unlimited", "--ulimit=RLIMIT_CPU=-1:-1"})
          .command.limits;
  EXPECT_THAT(limits,
              ElementsAre(ResourceLimit{.resource = RLIMIT_NOFILE, .soft = 10, .hard = 20, .origin = {}},
                          ResourceLimit{.resource = RLIMIT_CORE, .origin = {}},
                          ResourceLimit{.resource = RLIMIT_CPU, .origin = {}}));
  EXPECT_THAT(refusal_of({"--ulimit=files=3"}), HasSubstr("'files' is no limit (as core cpu"));
  EXPECT_THAT(refusal_of({"--ulimit=nofile"}), HasSubstr("the value is missing"));
  EXPECT_THAT(refusal_of({"--ulimit=nofile=1:2:3"}), HasSubstr("is not SOFT[:HARD]"));
}

TEST(ReadRun, LetsNoVariableInByItself) {
  for (const std::string& entry : spec({}).command.environment.entries)
    EXPECT_THAT(entry, Not(HasSubstr("SECRET")));
}

TEST(ReadRun, PutsFlagsAboveFilesAboveDefaults) {
  const auto entries =
      spec({"-e", "A=flag", "--env-file=vars", "--env=LC_*", "-e", "NOT_SET"}).command.environment.entries;
  EXPECT_THAT(Words(entries.begin() + 3, entries.end()),
              ElementsAre("A=file", "B=file", "A=flag", "LC_ALL=C", "LC_TIME=de"));
  EXPECT_EQ(refusal_of({"--env-file=gone"}),
            "cannot open gone: No such file or directory (for --env-file=gone)");
}

TEST(ReadRun, ClearsEvenItsOwnVariables) {
  const Environment got = spec({"--clear-env", "-e", "A=1"}).command.environment;
  EXPECT_FALSE(got.from_root);
  EXPECT_THAT(got.entries, ElementsAre("A=1"));
}

TEST(ReadRun, ReadsNamesAndAddresses) {
  const Spec named = spec({"--hostname=box", "--domainname", "lan"});
  EXPECT_EQ(named.hostname, "box");
  EXPECT_EQ(named.domainname, "lan");
  EXPECT_THAT(named.mounts,
              Contains(Mount{.what = NetworkFile{.path = "/etc/hosts", .appended = "127.0.1.1\tbox\n"}}));
  EXPECT_THAT(refusal_of({"--hostname="}), HasSubstr("the value is empty"));
  EXPECT_THAT(spec({"--dns=1.1.1.1", "--dns=::1"}).mounts,
              Contains(Mount{.what = NetworkFile{.path = "/etc/resolv.conf",
                                                 .content = "nameserver 1.1.1.1\nnameserver ::1\n"}}));
  EXPECT_THAT(spec({"--dns=none"}).mounts,
              Not(Contains(Mount{.what = NetworkFile{.path = "/etc/resolv.conf"}})));
  EXPECT_THAT(refusal_of({"--dns=1.1.1"}),
              HasSubstr("'1.1.1' is neither an IPv4 or IPv6 address nor 'none'"));
  EXPECT_THAT(refusal_of({"--dns=none", "--dns=::1"}), HasSubstr("--dns=none: it contradicts --dns=::1"));
  EXPECT_THAT(
      spec({"--add-host=a;b:10.0.0.1", "--add-host", "c:::1"}).mounts,
      Contains(Mount{.what = NetworkFile{.path = "/etc/hosts", .appended = "10.0.0.1\ta\tb\n::1\tc\n"}}));
  EXPECT_THAT(refusal_of({"--add-host=a"}), HasSubstr("the address is missing"));
  EXPECT_THAT(refusal_of({"--add-host=a b:1.1.1.1"}), HasSubstr("'a b' is no host name"));
  EXPECT_THAT(refusal_of({"--add-host=a:1.1.1.1\n2.2.2.2 b"}), HasSubstr("is neither an IPv4 nor an IPv6"));
  EXPECT_THAT(spec({"--no-hosts"}).mounts, Not(Contains(Mount{.what = NetworkFile{.path = "/etc/hosts"}})));
  EXPECT_THAT(refusal_of({"--no-hosts", "--add-host=a:::1"}), HasSubstr("contradicts"));
}

TEST(ReadRun, MakesAHostsFileOfItsOwnWithoutTheNetwork) {
  EXPECT_THAT(
      spec({"--network=none", "--add-host=a:10.0.0.1"}).mounts,
      Contains(Mount{
          .what = NetworkFile{.path = "/etc/hosts",
                              .content = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n",
                              .appended = "10.0.0.1\ta\n"}}));
}

TEST(ReadRun, ReadsWhatToPrint) {
  const Result<RunRequest> request = read({"--explain", "--dry-run", "--json", "--log-format=json", "empty"});
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->explain && request->dry_run && request->json);
  EXPECT_EQ(request->log_format, LogFormat::kJson);
  EXPECT_EQ(refusal({"--json", "empty"}), "cannot use --json: it belongs to --explain or --dry-run");
  EXPECT_TRUE(read({"--help"})->help);
  EXPECT_EQ(log_format_of(Words{"--bogus", "--log-format", "json"}), LogFormat::kJson);
  EXPECT_EQ(log_format_of(Words{"--bogus", "host", "--log-format=json"}), LogFormat::kText);
  EXPECT_EQ(report_fd_of(Words{"--report", "3", "--bogus"}), 3);
  EXPECT_EQ(report_fd_of(Words{"--bogus", "--report=3", "--report=4", "host"}), 4);
  EXPECT_EQ(report_fd_of(Words{"--bogus", "host", "--report=3"}), -1);
  EXPECT_EQ(report_fd_of(Words{"--report=2", "--report-"}), -1);
  EXPECT_EQ(report_fd_of(Words{"--report=three"}), -1);
}

TEST(ReadRun, RefusesThePodmanFlagsThatItLacks) {
  const Result<RunRequest> request = read({"--privileged", "--restart", "always", "-P", "host"});
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().sentence(),
            "cannot use --privileged: a container never has more rights than you have");
  EXPECT_EQ(request.error().others().size(), 2U);
  EXPECT_EQ(request.error().others()[0].sentence(), "cannot use --restart: kelp starts nothing again");
  EXPECT_EQ(hint({"-h", "box", "host"}), "write --help, or --hostname NAME");
}

TEST(RunLacks, HaveAReasonAndAreNoFlags) {
  for (const Lack& lack : run_lacks()) {
    EXPECT_FALSE(lack.reason.empty()) << lack.name;
    for (const FlagInfo& flag : run_flags()) {
      EXPECT_NE(flag.name, lack.name);
      EXPECT_TRUE(lack.letter == 0 || lack.letter != flag.letter) << lack.name;
    }
  }
}

TEST(RunFlags, AreToldByHelpAndForTheLint) {
  const std::string help = run_help();
  const std::string lines = print_flags();
  for (const FlagInfo& flag : run_flags()) {
    EXPECT_THAT(help, HasSubstr(long_name(flag)));
    EXPECT_THAT(lines, HasSubstr(cat("run\t", long_name(flag), "\n")));
    EXPECT_FALSE(flag.help.empty() || flag.group.empty()) << flag.name;
  }
  for (const std::string_view line : split(help, '\n')) EXPECT_LE(line.size(), 80U) << line;
  EXPECT_THAT(lines, HasSubstr("rootfs\t--with\n"));
  EXPECT_THAT(program_help(), HasSubstr("  doctor "));
}

TEST(Require, TakesAListOfFences) {
  const std::vector<Requirement> want = {
      {.fence = Fence::kPid}, {.fence = Fence::kNetwork}, {.fence = Fence::kProc}};
  EXPECT_EQ(spec({"--require=pid,net", "--require", "proc"}).required, want);
}

TEST(Require, RefusesAnUnknownFenceAndListsTheKnown) {
  EXPECT_THAT(refusal_of({"--require=pid,moat"}),
              testing::AllOf(
                  HasSubstr("cannot read --require=pid,moat: 'moat' is no fence that can be required (user "),
                  HasSubstr(" landlock "), HasSubstr("die-with-parent)")));
  EXPECT_THAT(refusal_of({"--require="}), HasSubstr("'' is no fence"));
}

}  // namespace
}  // namespace kelp::cli
