// SPDX-License-Identifier: Apache-2.0
// Inside a service or container whose own filter of system calls closes keys.
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdlib>

#include "e2e/container.h"
#include "harness/bpf.h"

namespace kelp::harness {
namespace {

// As systemd's SystemCallFilter=~@keyring does it with SystemCallErrorNumber=. Who is not root gets
// no_new_privs with it, and so one id.
RunOptions without_keyctl(int answer) {
  return {.before_exec = [=] {
    Bpf code = answering(SYS_keyctl, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(answer));
    const sock_fprog program = {.len = static_cast<unsigned short>(code.size()), .filter = code.data()};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) std::abort();
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) std::abort();
  }};
}

Outcome start(const Argv& options, const RunOptions& around) {
  Argv words = {"run", "--userns=single"};
  words.insert(words.end(), options.begin(), options.end());
  words.insert(words.end(), {small_root(), "echo", "fine"});
  return kelp(words, around);
}

TEST(OuterFilter, WithoutKeysStopsNoStartThatLeavesNoWayToThem) {
  for (const int answer : {EPERM, EACCES, ENOSYS}) {
    EXPECT_EQ(start({}, without_keyctl(answer)).out, "fine\n") << answer;
    EXPECT_EQ(start({"--seccomp=none,@no-keyring"}, without_keyctl(answer)).out, "fine\n") << answer;
  }
  EXPECT_THAT(start({}, without_keyctl(EIO)), CannotStart()) << "an answer that means something else";
}

TEST(OuterFilter, WithoutKeysIsNamedWhereTheCommandCouldReachThem) {
  for (const char* flag : {"--seccomp=none", "--seccomp=@keyring"}) {
    const Outcome outcome = start({flag}, without_keyctl(EPERM));
    EXPECT_THAT(outcome, CannotStart());
    EXPECT_EQ(
        outcome.err,
        "kelp: cannot make a session keyring: Operation not permitted\n"
        "hint: a seccomp filter set from outside refuses keyctl; allow it there (systemd: no ~@keyring in "
        "SystemCallFilter=), or leave kelp's default filter on, with which no key can be reached\n");
    EXPECT_EQ(start({flag}, {}).out, "fine\n");
  }
}

}  // namespace
}  // namespace kelp::harness
