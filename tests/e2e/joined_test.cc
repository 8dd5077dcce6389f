// SPDX-License-Identifier: Apache-2.0
// A start in a user namespace that somebody else has made (bwrap --userns FD), on a machine that lacks
// something.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;

constexpr int kGiven = 9;

// Somebody else's user namespace, and starts in it.
class Joined : public testing::Test {
 protected:
  void SetUp() override {
    KELP_ONLY_AS("user namespaces of one's own", "user", "noranges");
    ASSERT_TRUE(owner_.wait_for_output("ready"));
    const std::string file = "/proc/" + std::to_string(owner_.pid()) + "/ns/user";
    fd_ = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    ASSERT_GE(fd_, 0);
  }
  void TearDown() override {
    if (fd_ >= 0) close(fd_);
  }

  Outcome start(const std::function<void()>& lack) const {
    return run({kelp_binary(), "bwrap", "--ro-bind", small_root() + "/bin", "/bin", "--userns",
                std::to_string(kGiven), "echo", "works"},
               {.env = {"ASAN_OPTIONS=detect_leaks=0"}, .timeout = milliseconds{10'000}, .before_exec = [&] {
                  dup2(fd_, kGiven);
                  lack();
                }});
  }

 private:
  Running owner_{{"unshare", "-Ur", "sh", "-c", "echo ready; exec sleep 60"}, {}};
  int fd_ = -1;
};

// As filters do that are older than the call.
void refuse_pidfd_open(unsigned code) {
  const std::array<sock_filter, 4> filter = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | code),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program = {.len = filter.size(), .filter = const_cast<sock_filter*>(filter.data())};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) std::abort();
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) std::abort();
}

TEST_F(Joined, WorksWhereAFilterRefusesToOpenAProcess) {
  for (const unsigned code : {ENOSYS, EPERM}) {
    const Outcome outcome = start([&] { refuse_pidfd_open(code); });
    EXPECT_FALSE(outcome.timed_out) << code;
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "works\n");
  }
}

TEST_F(Joined, WorksOrTellsWhereDescriptorsAreFew) {
  adopt_orphans();
  bool has_failed = false;
  bool has_worked = false;
  for (rlim_t most = 10; most <= 24; ++most) {
    const Outcome outcome = start([&] {
      const rlimit few{.rlim_cur = most, .rlim_max = most};
      setrlimit(RLIMIT_NOFILE, &few);
    });
    EXPECT_FALSE(outcome.timed_out) << most;
    (outcome.status == 0 ? has_worked : has_failed) = true;
    if (outcome.status == 0) {
      EXPECT_EQ(outcome.out, "works\n") << most;
    } else {
      EXPECT_EQ(outcome.out, "") << most;
      EXPECT_THAT(outcome.err, HasSubstr("Too many open files")) << most;
    }
  }
  EXPECT_TRUE(has_failed && has_worked);
  EXPECT_THAT(descendants(milliseconds{0}), testing::SizeIs(testing::Le(1))) << "but the namespace's owner";
}

}  // namespace
}  // namespace kelp::harness
