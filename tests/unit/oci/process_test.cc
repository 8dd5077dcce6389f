// SPDX-License-Identifier: Apache-2.0
// process of config.json, and the processes of exec.
#include <linux/ioprio.h>
#include <linux/sched.h>
#include <sys/resource.h>

#include "oci/exec.h"
#include "read_config.h"

namespace kelp::oci {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr CapabilityMask kKill = 1U << 5U, kSetuid = 1U << 7U;

TEST(OciProcess, BecomesTheCommandItself) {
  const Command command = read({.process = R"("env": ["A=1", "NOTHING", "B="], "noNewPrivileges": true,
      "user": {"uid": 1, "gid": 2, "umask": 63, "additionalGids": [5, 6]})"})
                              .spec.command;
  EXPECT_THAT(command.argv, ElementsAre("sh"));
  EXPECT_EQ(command.directory, "/");
  EXPECT_THAT(command.environment.entries, ElementsAre("A=1", "B="));
  EXPECT_TRUE(command.environment.home_from_root);
  EXPECT_FALSE(command.new_privileges);
  EXPECT_EQ(command.user, (User{.user = Id{1}, .group = Id{2}}));
  EXPECT_EQ(command.umask, 077U);
  EXPECT_EQ(command.groups, Groups::kListed);
  EXPECT_THAT(command.listed_groups, ElementsAre(5, 6));
  EXPECT_EQ(command.pid1, Pid1::kCommand);
  EXPECT_TRUE(command.new_session);
  EXPECT_TRUE(command.new_keyring);
  EXPECT_EQ(command.terminal, TerminalMode::kNever);
}

TEST(OciProcess, HasItsDefaults) {
  const Command command = read({}).spec.command;
  EXPECT_EQ(command.user, (User{.user = Id{0}, .group = Id{0}}));
  EXPECT_TRUE(command.new_privileges);
  EXPECT_EQ(command.umask, std::nullopt);
  EXPECT_EQ(command.capabilities.sets, CapabilitySets{});
}

TEST(OciProcess, HasATerminalOfTheSizeThatIsAskedFor) {
  const Command command =
      read({.process = R"("terminal": true, "consoleSize": {"height": 25, "width": 80})"}).spec.command;
  EXPECT_EQ(command.terminal, TerminalMode::kAlways);
  EXPECT_TRUE(command.has_console);
  EXPECT_EQ(command.terminal_size, (TerminalSize{.rows = 25, .columns = 80}));
  EXPECT_EQ(read({.process = R"("consoleSize": {"height": 25, "width": 80})"}).spec.command.terminal_size,
            std::nullopt);
  EXPECT_THAT(refusals({.process = R"("terminal": true, "consoleSize": {"height": 70000})"}),
              ElementsAre("process.consoleSize.height: 70000 is more than 65535",
                          "process.consoleSize.width: it is missing"));
}

TEST(OciProcess, RefusesWhatCannotBeExecuted) {
  const auto of = [](std::string_view process) {
    return refusals_of(cat(R"({"ociVersion": "1.0.0", "root": {"path": "r"}, "process": )", process,
                           R"(, "linux": {"namespaces": [{"type": "mount"}]}})"));
  };
  EXPECT_THAT(of("{}"), ElementsAre("process.args: it names no program", "process.cwd: it is missing"));
  EXPECT_THAT(
      of(R"({"args": ["", 5], "cwd": "x"})"),
      ElementsAre("process.args[1]: it is no text", "process.args[0]: the name of the program is empty",
                  "process.cwd: 'x' is not absolute"));
  EXPECT_THAT(
      of(R"({"args": ["a"], "cwd": "/", "env": ["=1"], "terminal": 1, "user": {"uid": -1, "gid": 4294967295,
                     "umask": 512, "additionalGids": ["x"]}})"),
      ElementsAre("process.env[0]: '=1' has no name", "process.terminal: it is neither true nor false",
                  "process.user.uid: it is no whole number from 0 on",
                  "process.user.gid: 4294967295 is more than 4294967294",
                  "process.user.umask: 512 is more than 511",
                  "process.user.additionalGids[0]: it is no id from 0 to 4294967294"));
}

TEST(OciCapabilities, FillTheirSets) {
  const Config config = read({.process = R"("capabilities": {"bounding": ["CAP_KILL", "CAP_SETUID"],
      "permitted": ["CAP_KILL", "CAP_SETUID"], "effective": ["CAP_KILL"], "inheritable": ["CAP_SETUID"],
      "ambient": ["CAP_SETUID"]})"});
  EXPECT_EQ(config.spec.command.capabilities.sets, (CapabilitySets{.bounding = kKill | kSetuid,
                                                                   .effective = kKill,
                                                                   .permitted = kKill | kSetuid,
                                                                   .inheritable = kSetuid,
                                                                   .ambient = kSetuid}));
  EXPECT_THAT(config.warnings, IsEmpty());
}

TEST(OciCapabilities, WarnOfWhatCannotBeGiven) {
  Surroundings around = roots();
  around.own_capabilities = kSetuid;
  const Config config =
      read({.process = R"("capabilities": {"bounding": ["CAP_KILL", "CAP_NOVEL", "kill", "CAP_ALL"],
      "permitted": ["CAP_SETUID"], "effective": ["CAP_KILL"], "ambient": ["CAP_SETUID"]})"},
           around);
  EXPECT_EQ(config.spec.command.capabilities.sets, (CapabilitySets{.permitted = kSetuid}));
  EXPECT_THAT(
      config.warnings,
      ElementsAre("process.capabilities.bounding: 'CAP_NOVEL' is no capability",
                  "process.capabilities.bounding: 'kill' is no capability",
                  "process.capabilities.bounding: 'CAP_ALL' is no capability",
                  "process.capabilities.bounding: without kill: the caller does not have it",
                  "process.capabilities.effective: without kill: it is not permitted",
                  "process.capabilities.ambient: without setuid: it is not permitted and inheritable"));
}

TEST(OciLimits, AreThoseOfGetrlimit) {
  EXPECT_THAT(
      read({.process = R"("rlimits": [{"type": "RLIMIT_NOFILE", "soft": 10, "hard": 18446744073709551615}])"})
          .spec.command.limits,
      ElementsAre(ResourceLimit{.resource = RLIMIT_NOFILE, .soft = 10, .hard = UINT64_MAX}));
  EXPECT_THAT(refusals({.process = R"("rlimits": [{"type": "RLIMIT_CORE", "soft": 1, "hard": 1},
      {"type": "RLIMIT_CORE", "soft": 1, "hard": 1}, {"type": "nofile", "soft": 1, "hard": 1}, {"soft": -1}])"}),
              ElementsAre("process.rlimits[1].type: RLIMIT_CORE comes twice",
                          "process.rlimits[2].type: 'nofile' is no resource limit",
                          "process.rlimits[3].type: it is missing",
                          "process.rlimits[3].soft: it is no whole number from 0 on",
                          "process.rlimits[3].hard: it is missing"));
}

TEST(OciScheduling, TakesTheKernelsNumbers) {
  const Scheduling scheduling = read({.process = R"("oomScoreAdj": -5,
      "ioPriority": {"class": "IOPRIO_CLASS_IDLE", "priority": 4},
      "scheduler": {"policy": "SCHED_DEADLINE", "nice": -3, "runtime": 1, "deadline": 2, "period": 3,
                    "flags": ["SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_DL_OVERRUN"]})"})
                                    .spec.command.scheduling;
  EXPECT_EQ(scheduling.oom_score_adj, -5);
  EXPECT_EQ(scheduling.io, (IoPriority{.io_class = IOPRIO_CLASS_IDLE, .priority = 4}));
  EXPECT_EQ(scheduling.scheduler, (Scheduler{.policy = SCHED_DEADLINE,
                                             .nice = -3,
                                             .flags = SCHED_FLAG_RESET_ON_FORK | SCHED_FLAG_DL_OVERRUN,
                                             .runtime_ns = 1,
                                             .deadline_ns = 2,
                                             .period_ns = 3}));
  EXPECT_THAT(
      refusals({.process = R"("oomScoreAdj": 2000, "ioPriority": {"class": "X", "priority": 8},
      "scheduler": {"policy": "SCHED_ISO", "nice": 20, "flags": ["F"]})"}),
      ElementsAre(
          "process.oomScoreAdj: 2000 is more than 1000", "process.scheduler.policy: no kernel has SCHED_ISO",
          "process.scheduler.flags[0]: 'F' is no flag", "process.scheduler.nice: 20 is more than 19",
          "process.ioPriority.class: 'X' is no class", "process.ioPriority.priority: 8 is more than 7"));
}

TEST(OciLabels, NeedTheirModule) {
  const std::string labels = R"("apparmorProfile": "p", "selinuxLabel": "u:r:t:s0")";
  EXPECT_THAT(refusals({.process = labels}),
              ElementsAre("process.apparmorProfile: this machine has no AppArmor",
                          "process.selinuxLabel: this machine has no SELinux"));
  EXPECT_EQ(read({.process = R"("apparmorProfile": "unconfined")"}).spec.command.labels, Labels{});
  Surroundings around = surroundings();
  around.has_apparmor = around.has_selinux = [] { return true; };
  EXPECT_EQ(read({.process = labels}, around).spec.command.labels,
            (Labels{.apparmor = "p", .selinux = "u:r:t:s0"}));
}

ExecRequest request(std::vector<std::string> args) {
  return {.entered = {.pidfd = 7, .cgroup = "/x"}, .args = std::move(args)};
}
std::string refusal(const ExecRequest& request) {
  const Result<Spec> spec = exec_spec(read({}), request, surroundings());
  return spec ? "" : spec.error().sentence();
}

TEST(OciExec, IsTheContainersProcessWithOtherWords) {
  const Config config = read({.process = R"("env": ["A=1"], "terminal": true, "user": {"uid": 1, "gid": 2},
      "noNewPrivileges": true, "capabilities": {"bounding": ["CAP_KILL"]},
      "execCPUAffinity": {"initial": "7", "final": "0-2,7"})",
                              .linux = R"("seccomp": {"defaultAction": "SCMP_ACT_ALLOW"}, "personality":
      {"domain": "LINUX32"})"});
  EXPECT_THAT(config.spec.command.scheduling.initial_cpus, IsEmpty());
  ExecRequest asked = request({"id", "-u"});
  asked.environment = {"B=2"};
  asked.directory = "/tmp";
  asked.user = "5:6";
  asked.capabilities = {"CAP_SETUID"};
  asked.additional_groups = {9};
  const Result<Spec> spec = exec_spec(config, asked, surroundings());
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->entered, asked.entered);
  EXPECT_EQ(spec->seccomp, config.spec.seccomp);
  EXPECT_THAT(spec->mounts, IsEmpty());
  const Command& command = spec->command;
  EXPECT_THAT(command.argv, ElementsAre("id", "-u"));
  EXPECT_THAT(command.environment.entries, ElementsAre("A=1", "B=2"));
  EXPECT_EQ(command.directory, "/tmp");
  EXPECT_EQ(command.user, (User{.user = Id{5}, .group = Id{6}}));
  EXPECT_THAT(command.listed_groups, ElementsAre(9));
  EXPECT_EQ(command.capabilities.sets,
            (CapabilitySets{.bounding = kKill | kSetuid, .effective = kSetuid, .permitted = kSetuid}));
  EXPECT_FALSE(command.new_privileges);
  EXPECT_EQ(command.terminal, TerminalMode::kNever);
  EXPECT_FALSE(command.has_console);
  EXPECT_THAT(command.scheduling.initial_cpus, ElementsAre(7));
  EXPECT_THAT(command.scheduling.final_cpus, ElementsAre(0, 1, 2, 7));
  EXPECT_EQ(command.scheduling.personality, 8U);
}

TEST(OciExec, TakesAProcessDocumentAsItIs) {
  const Config config = read({.process = R"("env": ["A=1"])"});
  ExecRequest asked = request({});
  asked.process = R"({"args": ["id"], "cwd": "/x", "terminal": true, "user": {"uid": 3, "gid": 4}})";
  const Result<Spec> spec = exec_spec(config, asked, surroundings());
  ASSERT_TRUE(spec);
  EXPECT_THAT(spec->command.argv, ElementsAre("id"));
  EXPECT_THAT(spec->command.environment.entries, IsEmpty());
  EXPECT_EQ(spec->command.terminal, TerminalMode::kAlways);
  EXPECT_EQ(spec->command.user, (User{.user = Id{3}, .group = Id{4}}));
  asked.process = R"({"args": []})";
  EXPECT_EQ(refusal(asked), "cannot read the process: args: it names no program");
}

// A number that does not fit was taken as 0, and as a name (runc CVE-2016-3697, crun CVE-2026-30892).
TEST(OciExec, RefusesWhatIsNoNumber) {
  ExecRequest asked = request({"id"});
  for (const char* user : {"root", "4294967296", "", "1:", ":1", "-1", "1:x", "0x0"}) {
    asked.user = user;
    EXPECT_EQ(refusal(asked), cat("cannot run as '", user, "': it is not UID or UID:GID, in numbers"));
  }
  EXPECT_EQ(refusal(request({})), "cannot run in the container: no program is named");
  asked = request({"id"});
  asked.capabilities = {"CAP_NOVEL"};
  EXPECT_EQ(refusal(asked), "cannot give the capability 'CAP_NOVEL': there is none of this name");
}

}  // namespace
}  // namespace kelp::oci
