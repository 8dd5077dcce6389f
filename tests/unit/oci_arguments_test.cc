// SPDX-License-Identifier: Apache-2.0
// The command line of runc and crun, as engines and people type it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "oci/arguments.h"

namespace kelp::oci {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Arguments read(const std::vector<std::string>& args) {
  const Result<Arguments> arguments = read_arguments(args);
  EXPECT_TRUE(arguments) << arguments.error().action();
  return arguments ? *arguments : Arguments();
}

std::string refused(const std::vector<std::string>& args) {
  const Result<Arguments> arguments = read_arguments(args);
  EXPECT_FALSE(arguments);
  if (arguments) return {};
  EXPECT_EQ(arguments.error().part(), FailedPart::kUsage);
  return arguments.error().action();
}

TEST(OciArguments, AsConmonCreates) {
  const Arguments got = read({"--systemd-cgroup", "--root=/run/x", "create", "--bundle", "/b", "--pid-file",
                              "/p", "--console-socket", "/s", "id"});
  EXPECT_EQ(got, (Arguments{.verb = Verb::kCreate,
                            .root = "/run/x",
                            .systemd_cgroup = true,
                            .bundle = "/b",
                            .pid_file = "/p",
                            .console_socket = "/s",
                            .id = "id"}));
}

TEST(OciArguments, AsContainerdsShimCalls) {
  EXPECT_EQ(read({"--root", "/run/r", "--log", "/l", "--log-format", "json", "kill", "--all", "id", "9"}),
            (Arguments{.verb = Verb::kKill,
                       .root = "/run/r",
                       .log = "/l",
                       .log_format = "json",
                       .all = true,
                       .id = "id",
                       .words = {"9"}}));
  EXPECT_EQ(
      read({"exec", "--process", "/p.json", "--detach", "--pid-file", "/pid", "id"}),
      (Arguments{.verb = Verb::kExec, .pid_file = "/pid", .detach = true, .process = "/p.json", .id = "id"}));
}

TEST(OciArguments, AsSlurmWritesThem) {
  EXPECT_EQ(
      read({"--rootless=true", "--root=/run/user/1/", "run", "n.1", "-b", "/b"}),
      (Arguments{
          .verb = Verb::kRun, .root = "/run/user/1/", .rootless = "true", .bundle = "/b", .id = "n.1"}));
}

TEST(OciArguments, OneDashIsAsGoodAsTwo) {
  EXPECT_EQ(read({"-root", "/r", "delete", "-force", "id"}), read({"--root=/r", "delete", "--force", "id"}));
  EXPECT_EQ(read({"delete", "-f", "id"}), read({"delete", "id", "--force=true"}));
  EXPECT_EQ(read({"delete", "--force=false", "id"}), read({"delete", "id"}));
}

TEST(OciArguments, OfACommandInsideAreNotKelps) {
  const Arguments got = read({"exec", "-e", "A=1", "--env=B=2", "-t", "-u", "1:2", "-c", "CAP_KILL", "-g",
                              "7", "-g", "8", "id", "ls", "-t", "--user"});
  EXPECT_THAT(got.env, ElementsAre("A=1", "B=2"));
  EXPECT_TRUE(got.tty);
  EXPECT_EQ(got.user, "1:2");
  EXPECT_THAT(got.additional_gids, ElementsAre("7", "8"));
  EXPECT_EQ(got.id, "id");
  EXPECT_THAT(got.words, ElementsAre("ls", "-t", "--user"));
  EXPECT_THAT(read({"exec", "id", "--", "-x"}).words, ElementsAre("-x"));
  EXPECT_THAT(read({"ps", "id", "-ef"}).words, ElementsAre("-ef"));
}

TEST(OciArguments, ANumberBelowZeroIsAValue) {
  const Arguments got = read({"update", "id", "--memory-swap", "-1", "--cpu-quota=-1", "-r", "-"});
  EXPECT_EQ(got.memory_swap, "-1");
  EXPECT_EQ(got.cpu_quota, "-1");
  EXPECT_EQ(got.resources, "-");
}

TEST(OciArguments, NameWhatIsWrong) {
  EXPECT_EQ(refused({"create", "--bogus", "id"}), "flag provided but not defined for create: --bogus");
  EXPECT_EQ(refused({"--bogus"}), "flag provided but not defined: --bogus");
  EXPECT_EQ(refused({"frob", "id"}), "there is no command frob");
  EXPECT_EQ(refused({"create", "--bundle"}), "flag needs an argument: --bundle");
  EXPECT_THAT(refused({"create"}), HasSubstr("create requires ID"));
  EXPECT_EQ(refused({"state", "a", "b"}), "state takes no word b");
  EXPECT_EQ(refused({"list", "x"}), "list takes no word x");
  EXPECT_EQ(refused({"list", "-f", "yaml"}), "invalid format option: yaml");
  EXPECT_EQ(refused({"--log-format", "xml", "list"}), "invalid log-format: xml");
  EXPECT_EQ(refused({"--cgroup-manager=none", "list"}), "invalid cgroup-manager: none");
  EXPECT_EQ(refused({"create", "--preserve-fds=x", "id"}), "invalid value x for flag --preserve-fds");
  EXPECT_EQ(refused({"delete", "--force=maybe", "id"}), "invalid value maybe for flag --force");
  EXPECT_THAT(refused({"create", "--no-pivot", "id"}), HasSubstr("--no-pivot is not supported"));
  EXPECT_THAT(refused({"exec", "id"}), HasSubstr("needs a command"));
  EXPECT_THAT(refused({"exec", "-p", "f", "id", "ls"}), HasSubstr("not both: ls"));
}

TEST(OciArguments, TellTheLogAlsoOfWhatIsWrong) {
  const Arguments got =
      log_flags_of(std::vector<std::string>{"--log", "/l", "--log-format=json", "create", "--no"});
  EXPECT_EQ(got.log, "/l");
  EXPECT_EQ(got.log_format, "json");
}

TEST(OciArguments, HelpNamesEveryFlagOfACommand) {
  EXPECT_THAT(help_text(Verb::kDelete), HasSubstr("-f, --force"));
  EXPECT_THAT(help_text(Verb::kNone), HasSubstr("--cgroup-manager cgroupfs|systemd|disabled"));
  EXPECT_TRUE(read({"create", "--help"}).help);
  EXPECT_TRUE(read({}).help);
  EXPECT_TRUE(read({"-v"}).version);
}

TEST(Signals, HaveNamesAndNumbers) {
  EXPECT_EQ(read_signal("TERM"), SIGTERM);
  EXPECT_EQ(read_signal("SIGKILL"), SIGKILL);
  EXPECT_EQ(read_signal("sigusr1"), SIGUSR1);
  EXPECT_EQ(read_signal("9"), 9);
  EXPECT_EQ(read_signal("0"), 0);
  EXPECT_EQ(read_signal("RTMIN+3"), SIGRTMIN + 3);
  EXPECT_EQ(read_signal("SIGRTMAX"), SIGRTMAX);
  for (const char* none : {"", "BOGUS", "65", "-1", "SIG", "RTMIN+99", "9x"})
    EXPECT_FALSE(read_signal(none)) << none;
}

}  // namespace
}  // namespace kelp::oci
