// SPDX-License-Identifier: Apache-2.0
// The program that connects a container's network: what it sees, and that it ends with its container.
#include <fcntl.h>

#include <csignal>
#include <fstream>

#include "network.h"

namespace kelp::harness {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// The helper of this process's only kelp.
pid_t helper_of(pid_t kelp, const std::string& name) {
  std::ifstream children("/proc/" + std::to_string(kelp) + "/task/" + std::to_string(kelp) + "/children");
  for (pid_t pid = 0; children >> pid;) {
    const std::string comm = read_file("/proc/" + std::to_string(pid) + "/comm");
    // pasta is another name of passt, which may execute a build of itself for newer processors.
    if (comm.starts_with(name) || (name == "pasta" && comm.starts_with("passt"))) return pid;
  }
  return -1;
}

TEST(NetworkHelper, TakesItsContainerDownWhereItDies) {
  for (const char* name : {"pasta", "slirp4netns"}) {
    NEEDS_NETWORK(name);
    Running container({kelp_binary(), "run", std::string("--network=") + name, small_root(), "sh", "-c",
                       "trap 'echo told; exit 0' TERM; echo up; while :; do sleep 0.1; done"},
                      {});
    ASSERT_TRUE(container.wait_for_output("up")) << testing::PrintToString(container.finish());
    const pid_t helper = helper_of(container.pid(), name);
    ASSERT_GT(helper, 0);
    ASSERT_EQ(::kill(helper, SIGKILL), 0);
    const Outcome outcome = container.finish();
    EXPECT_EQ(outcome.status, 125);
    EXPECT_THAT(outcome.out, HasSubstr("told")) << "it is ended as by --timeout";
    EXPECT_THAT(outcome.err, AllOf(StartsWith("kelp: cannot keep the container's network up with /"),
                                   HasSubstr("it was killed by signal 9; the container was ended\n")));
  }
}

TEST(NetworkHelper, IsGoneWithTheContainer) {
  for (const char* name : {"pasta", "slirp4netns"}) {
    NEEDS_NETWORK(name);
    adopt_orphans();
    EXPECT_EQ(inside("true", {std::string("--network=") + name}).status, 0);
    EXPECT_EQ(descendants(), std::vector<pid_t>{}) << name;
    EXPECT_EQ(inside("sleep 9", {std::string("--network=") + name, kSoon}).status, 124);
    EXPECT_EQ(descendants(), std::vector<pid_t>{}) << name;
  }
}

TEST(NetworkHelper, DiesWithAKilledKelp) {
  for (const char* name : {"pasta", "slirp4netns"}) {
    NEEDS_NETWORK(name);
    adopt_orphans();
    Running container({kelp_binary(), "run", std::string("--network=") + name, small_root(), "sh", "-c",
                       "echo up; sleep 60"},
                      {});
    ASSERT_TRUE(container.wait_for_output("up")) << testing::PrintToString(container.finish());
    ASSERT_GT(helper_of(container.pid(), name), 0) << "there is one";
    container.kill(SIGKILL);
    container.finish();
    EXPECT_EQ(descendants(), std::vector<pid_t>{}) << name;
  }
}

// It is in the host's network: what it holds is what somebody who takes it over gets.
TEST(NetworkHelper, SeesLittleOfTheHost) {
  const TempDir place;
  const std::string secret = place.file("secret-file", "secret");
  for (const char* name : {"pasta", "slirp4netns"}) {
    NEEDS_NETWORK(name);
    Running container({kelp_binary(), "run", std::string("--network=") + name, "--preserve-fd=9",
                       small_root(), "sh", "-c", "cat <&9; echo up; sleep 60"},
                      {.env = {"KELP_TEST_SECRET=1"}, .cwd = place.path(), .before_exec = [&] {
                         ::dup2(::open(secret.c_str(), O_RDONLY), 9);
                       }});
    ASSERT_TRUE(container.wait_for_output("secretup")) << "the command has descriptor 9";
    const pid_t helper = helper_of(container.pid(), name);
    ASSERT_GT(helper, 0);
    const std::string look = "ls -l /proc/$0/fd /proc/$0/cwd; tr '\\0' '\\n' </proc/$0/environ";
    const auto held_by = [&](pid_t pid) { return run({"sh", "-c", look, std::to_string(pid)}).out; };
    if (identity() == "root") {  // others may not look into it, which the test of kelp itself would not show
      EXPECT_THAT(held_by(container.pid()), HasSubstr("KELP_TEST_SECRET")) << "the control shows it";
      EXPECT_THAT(held_by(helper), AllOf(HasSubstr("socket:"), Not(HasSubstr("secret-file")),
                                         Not(HasSubstr("KELP_TEST_SECRET")), Not(HasSubstr(place.path()))));
    }
    const std::string status = read_file("/proc/" + std::to_string(helper) + "/status");
    EXPECT_THAT(status, AllOf(HasSubstr("NoNewPrivs:\t1"), HasSubstr("Seccomp:\t2"))) << name;
    container.kill(SIGKILL);
    container.finish();
  }
}

TEST(NetworkHelper, ThatCannotStartSaysWhy) {
  NEEDS_NETWORK("pasta");
  const Outcome outcome = inside("true", {"--network=pasta:--interface,no-such-one"});
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_THAT(outcome.err, AllOf(StartsWith("kelp: cannot connect the container's network with /"),
                                 HasSubstr("(--network=pasta:--interface,no-such-one)")));
  EXPECT_EQ(descendants(), std::vector<pid_t>{});
}

}  // namespace
}  // namespace kelp::harness
