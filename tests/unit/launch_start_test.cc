// SPDX-License-Identifier: Apache-2.0
// The parent while a container starts: what is silent, or held by somebody else, does not make it deaf.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "child/report.h"
#include "harness/harness.h"
#include "launch/clock.h"
#include "launch/id_maps.h"
#include "launch/patience.h"
#include "launch/reports.h"
#include "sys/pipe.h"

namespace kelp::launch {
namespace {

using testing::HasSubstr;

// A child that only sleeps, and a report pipe that says that it executes; its write end stays with us, as
// with whoever took it from the child.
class HeldReport : public testing::Test {
 protected:
  Running start(unsigned sleeps) {
    const pid_t pid = fork();
    if (pid == 0) {
      sleep(sleeps);
      _exit(7);
    }
    Running running{
        .layer = {},
        .cgroup = {},
        .process = sys::Process(pid, sys::UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)))),
        .status = {},
        .signals = std::move(*take_signals()),
        .go = {},
        .started_us = now_us()};
    return running;
  }
  Status read(Running& running) {
    EXPECT_TRUE(child::send_report(pipe_.write_end.get(),
                                   {.kind = child::ReportKind::kExecuting, .action = "/bin/true"}));
    return read_reports(plan_, pipe_.read_end.get(), running);
  }

  plan::Plan plan_;
  sys::Pipe pipe_ = std::move(*sys::make_pipe());
};

TEST_F(HeldReport, EndsWithTheCommand) {
  Running running = start(0);
  EXPECT_TRUE(read(running));
  const Result<sys::Process::Ended> ended = running.process.wait();
  ASSERT_TRUE(ended);
  EXPECT_EQ(WEXITSTATUS(ended->wait_status), 7);
}

TEST_F(HeldReport, KeepsNoSignalFromEndingIt) {
  Running running = start(60);
  kill(getpid(), SIGTERM);
  const std::uint64_t began = now_us();
  const Status status = read(running);
  EXPECT_LT(now_us() - began, 20'000'000U);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().sentence(), "cannot start the container: interrupted by signal 15");
  EXPECT_EQ(status.error().status(), 128 + SIGTERM);
  EXPECT_LT(running.process.pid(), 0) << "it is ended and waited for";
}

TEST_F(HeldReport, KeepsTheDeadline) {
  Running running = start(60);
  running.deadline_us = now_us() + 100'000;
  const Status status = read(running);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().status(), kExitTimeout);
}

// newuidmap asks a directory service that does not answer.
class SilentHelper : public HeldReport {
 protected:
  Status write(const std::string& script, Running& running) {
    const std::string program = place_.file("helper", "#!/bin/sh\n" + script + "\n", 0755);
    const plan::IdMaps maps{.writer = plan::MapWriter::kHelpers, .newuidmap = program, .newgidmap = program};
    return write_id_maps(maps, running.process.pid(), [&](std::span<const int> fds) {
      return wait_for_any(fds, Stage::kSettingUp, running);
    });
  }
  harness::TempDir place_;
};

TEST_F(SilentHelper, IsWaitedForUntilTheTimeIsOver) {
  for (const char* script : {"exec sleep 60", "exec >&- 2>&-; exec sleep 60"}) {
    Running running = start(60);
    running.deadline_us = now_us() + 300'000;
    const std::uint64_t began = now_us();
    const Status status = write(script, running);
    EXPECT_LT(now_us() - began, 20'000'000U);
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().sentence(), HasSubstr("the time is over (--timeout)"));
    EXPECT_EQ(status.error().status(), kExitTimeout);
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "the helpers are gone too";
  }
}

TEST_F(SilentHelper, LeavesTheStartToSignals) {
  Running running = start(60);
  kill(getpid(), SIGINT);
  const Status status = write("exec sleep 60", running);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().sentence(), HasSubstr("interrupted by signal 2"));
}

// A grandchild that keeps the output open is none of its end.
TEST_F(SilentHelper, EndsWithItsProcessAndIsHeard) {
  harness::adopt_orphans();
  Running running = start(60);
  EXPECT_TRUE(write("sleep 5 & exit 0", running));
  const std::uint64_t began = now_us();
  const Status status = write("echo no range for you; exit 1", running);
  EXPECT_LT(now_us() - began, 4'000'000U);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().sentence(), HasSubstr("no range for you"));
  for (const pid_t left : harness::descendants()) {
    kill(left, SIGKILL);
    waitpid(left, nullptr, 0);
  }
}

}  // namespace
}  // namespace kelp::launch
