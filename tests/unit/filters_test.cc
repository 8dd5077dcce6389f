// SPDX-License-Identifier: Apache-2.0
// The filters that are built in, tried in user space on system calls of every architecture, whatever the
// machine. Numbers are those of the kernel's own tables, not libseccomp's, which the filters were compiled
// with.
#include "filters/filters.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <string>

#include "unit/filter_abis.h"

namespace kelp::filters {
namespace {

class EveryAbi : public testing::TestWithParam<Abi> {};
INSTANTIATE_TEST_SUITE_P(DefaultFilter, EveryAbi, testing::ValuesIn(kAbis), [](const auto& one) {
  std::string name = one.param.name;
  std::erase(name, '-');
  return name;
});

TEST_P(EveryAbi, LetsOrdinaryCallsPass) {
  const Abi& abi = GetParam();
  for (const std::uint32_t number : {abi.read, abi.getppid, abi.execve, abi.ptrace, abi.landlock})
    EXPECT_EQ(answer(abi, number), kAllowed) << number;
}

TEST_P(EveryAbi, KeepsNestingPossible) {
  const Abi& abi = GetParam();
  EXPECT_EQ(answer(abi, abi.clone, {CLONE_NEWUSER | CLONE_NEWNS}), kAllowed);
  EXPECT_EQ(answer(abi, abi.unshare, {CLONE_NEWUSER}), kAllowed);
  for (const std::uint32_t number : {abi.clone3, abi.setns, abi.mount, abi.pivot_root, abi.listmount})
    EXPECT_EQ(answer(abi, number), kAllowed) << number;
}

TEST_P(EveryAbi, RefusesWhatIsKnownAndForbidden) {
  const Abi& abi = GetParam();
  for (const std::uint32_t number : {abi.bpf, abi.io_uring_setup, abi.open_by_handle_at})
    EXPECT_EQ(answer(abi, number), kRefused) << number;
  EXPECT_EQ(answer(abi, abi.keyctl), kUnknown) << "as a kernel without keys";
}

TEST_P(EveryAbi, AnswersEnosysToWhatItDoesNotKnow) {
  const Abi& abi = GetParam();
  for (const std::uint32_t number : {abi.last + 1, 1000U, 0x3FFFFFFFU, 0xFFFFFFFFU})
    EXPECT_EQ(answer(abi, number), kUnknown) << number;
}

TEST_P(EveryAbi, GivesSocketsOfFourFamilies) {
  const Abi& abi = GetParam();
  for (std::uint64_t family = 0; family < 64; ++family) {
    const bool is_allowed =
        family == AF_UNIX || family == AF_INET || family == AF_INET6 || family == AF_NETLINK;
    EXPECT_EQ(answer(abi, abi.socket, {family}), is_allowed ? kAllowed : kNoFamily) << family;
    EXPECT_EQ(answer(abi, abi.socketpair, {family}), family == AF_UNIX ? kAllowed : kNoFamily) << family;
  }
  // The kernel takes an int: what stands above it changes nothing.
  EXPECT_EQ(answer(abi, abi.socket, {0xFFFFFFFF00000000U | AF_ALG}), kNoFamily);
  EXPECT_EQ(answer(abi, abi.socket, {0x100000000U | AF_VSOCK}), kNoFamily);
  EXPECT_EQ(answer(abi, abi.socket, {0x100000000U | AF_INET}), kAllowed);
}

TEST_P(EveryAbi, RefusesInjectionByTheLowBits) {
  const Abi& abi = GetParam();
  for (const std::uint64_t high : {0ULL, 0x100000000ULL, 0xDEAD000000000000ULL}) {
    EXPECT_EQ(answer(abi, abi.ioctl, {0, high | TIOCSTI}), kRefused);
    EXPECT_EQ(answer(abi, abi.ioctl, {0, high | TIOCLINUX}), kRefused);
    EXPECT_EQ(answer(abi, abi.ioctl, {0, high | TCGETS}), kAllowed);
  }
}

TEST_P(EveryAbi, KeepsAddressesRandom) {
  const Abi& abi = GetParam();
  for (const std::uint64_t personality : {0ULL, 8ULL, 0x20000ULL, 0xFFFFFFFFULL, 0x1FFFFFFFFULL})
    EXPECT_EQ(answer(abi, abi.personality, {personality}), kAllowed) << personality;
  EXPECT_EQ(answer(abi, abi.personality, {0x0040000}), kRefused) << "ADDR_NO_RANDOMIZE";
  EXPECT_EQ(answer(abi, abi.personality, {0x100000000 | 0x0100000}), kRefused) << "MMAP_PAGE_ZERO";
}

TEST_P(EveryAbi, TakesFewInstructionsForAnOrdinaryCall) {
  const Abi& abi = GetParam();
  // The kernel remembers since 5.11 which numbers are always allowed, and runs none of it for those.
  EXPECT_LE(run(BuiltInFilter::kDefault, abi, abi.getppid).steps, 14);
  EXPECT_LE(run(BuiltInFilter::kDefault, abi, abi.read).steps, 14);
  EXPECT_LE(code_of(BuiltInFilter::kDefault, abi.machine).size(), 400U)
      << "each start has the kernel compile it";
}

TEST_P(EveryAbi, OfOtherMachinesIsKilled) {
  const Abi& abi = GetParam();
  const Machine other = abi.machine == Machine::kX86 ? Machine::kAarch64 : Machine::kX86;
  for (int i = 0; i < 7; ++i) {
    const auto code = code_of(static_cast<BuiltInFilter>(i), other);
    EXPECT_EQ(evaluate(code, Call{.architecture = abi.token, .number = abi.read}).answer, kKilled);
  }
}

TEST(Filters, KillWhatIsOfAnUnknownArchitecture) {
  for (const Machine machine : {Machine::kX86, Machine::kAarch64}) {
    for (int i = 0; i < 7; ++i) {
      const auto code = code_of(static_cast<BuiltInFilter>(i), machine);
      for (const std::uint32_t token :
           {0U, AUDIT_ARCH_ARM + 0U, AUDIT_ARCH_S390X + 0U, AUDIT_ARCH_RISCV64 + 0U})
        EXPECT_EQ(evaluate(code, Call{.architecture = token, .number = 0}).answer, kKilled) << i;
    }
  }
}

TEST(Filters, RefuseX32) {
  for (int i = 0; i < 7; ++i) {
    for (std::uint32_t number = 0; number < 600; ++number)
      EXPECT_EQ(of(static_cast<BuiltInFilter>(i), kAbis[0], kX32 | number), kUnknown) << i << " " << number;
  }
}

TEST(Filters, LetNoSocketOfAHiddenFamilyBeMadeByTheCallOfI386) {
  const Abi& i386 = kAbis[1];
  constexpr std::uint32_t kSocketcall = 102;
  EXPECT_EQ(answer(i386, kSocketcall, {1}), kNoFamily) << "SYS_SOCKET";
  EXPECT_EQ(answer(i386, kSocketcall, {0xFFFFFFFF00000001}), kNoFamily);
  EXPECT_EQ(answer(i386, kSocketcall, {8}), kNoFamily) << "SYS_SOCKETPAIR";
  EXPECT_EQ(answer(i386, kSocketcall, {3}), kAllowed) << "SYS_CONNECT";
  EXPECT_EQ(of(BuiltInFilter::kNoUnixSockets, i386, kSocketcall, {1}), kRefused);
  EXPECT_EQ(answer(i386, 117, {1}), kAllowed) << "ipc";
}

TEST(Filters, AnswerOnlyInKnownWays) {
  // Each number of each architecture: no jump leaves the program, and no answer is a surprise.
  for (const Abi& abi : kAbis) {
    int allowed = 0;
    for (std::uint32_t number = 0; number < 600; ++number) {
      const auto [got, steps] = run(BuiltInFilter::kDefault, abi, number, {99, 99, 99});
      EXPECT_LE(steps, 20) << abi.name << " " << number;
      EXPECT_THAT(got, testing::AnyOf(kAllowed, kRefused, kUnknown, kNoFamily)) << abi.name << " " << number;
      allowed += got == kAllowed ? 1 : 0;
    }
    EXPECT_GT(allowed, 250) << abi.name;
    EXPECT_LT(allowed, 420) << abi.name;
  }
}

TEST(Filters, OfThisMachineAreThere) { EXPECT_NE(this_machine(), Machine::kOther); }

}  // namespace
}  // namespace kelp::filters
