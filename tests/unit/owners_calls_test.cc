// SPDX-License-Identifier: Apache-2.0
// What a call asks of the supervisor, by its number and arguments; and that each call that the filter tells
// of is one that it reads.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <set>

#include "owners/calls.h"
#include "unit/filter_abis.h"

namespace kelp::owners {
namespace {

using enum Call::Kind;

seccomp_data data_of(long number, std::initializer_list<std::uint64_t> args) {
  seccomp_data data{};
  data.nr = static_cast<int>(number);
  std::copy(args.begin(), args.end(), data.args);
  return data;
}
Call call_of(long number, std::initializer_list<std::uint64_t> args) {
  const auto call = read_call(data_of(number, args));
  EXPECT_TRUE(call);
  return call.value_or(Call{});
}
constexpr std::uint64_t kHere = 0xFFFFFF9CU;  // AT_FDCWD, as a register of 32 bits may hold it

TEST(CallsOfOwners, ThatShow) {
  EXPECT_EQ(call_of(SYS_fstat, {7, 99}),
            (Call{.kind = kStat, .directory_fd = 7, .is_descriptor = true, .buffer = 99}));
  EXPECT_EQ(call_of(SYS_newfstatat, {kHere, 5, 99, AT_SYMLINK_NOFOLLOW}),
            (Call{.kind = kStat, .path = 5, .follows = false, .buffer = 99, .flags = AT_SYMLINK_NOFOLLOW}));
  EXPECT_EQ(call_of(SYS_statx, {7, 5, AT_EMPTY_PATH, STATX_UID, 99}), (Call{.kind = kStatx,
                                                                            .directory_fd = 7,
                                                                            .path = 5,
                                                                            .empty_is_itself = true,
                                                                            .buffer = 99,
                                                                            .fields = STATX_UID,
                                                                            .flags = AT_EMPTY_PATH}));
}

TEST(CallsOfOwners, ThatChange) {
  EXPECT_EQ(call_of(SYS_fchown, {7, 33, 0xFFFFFFFF}), (Call{.kind = kChown,
                                                            .directory_fd = 7,
                                                            .is_descriptor = true,
                                                            .user = 33,
                                                            .group = static_cast<gid_t>(-1)}));
  EXPECT_EQ(call_of(SYS_fchownat, {7, 5, 33, 42, AT_SYMLINK_NOFOLLOW}), (Call{.kind = kChown,
                                                                              .directory_fd = 7,
                                                                              .path = 5,
                                                                              .follows = false,
                                                                              .flags = AT_SYMLINK_NOFOLLOW,
                                                                              .user = 33,
                                                                              .group = 42}));
  EXPECT_EQ(call_of(SYS_fchmodat, {kHere, 5, 04755, AT_SYMLINK_NOFOLLOW}),
            (Call{.kind = kChmod, .path = 5, .mode = 04755}))
      << "it has no flags";
  EXPECT_EQ(call_of(452, {kHere, 5, 0644, AT_SYMLINK_NOFOLLOW}).follows, false);
  EXPECT_EQ(call_of(SYS_fchmod, {7, 0644}),
            (Call{.kind = kChmod, .directory_fd = 7, .is_descriptor = true, .mode = 0644}));
  EXPECT_EQ(call_of(SYS_mknodat, {kHere, 5, S_IFCHR | 0600, 0x103}),
            (Call{.kind = kMakeDevice, .path = 5, .mode = S_IFCHR | 0600, .device = 0x103}));
}

#ifdef SYS_stat
TEST(CallsOfOwners, OfOlderNames) {
  EXPECT_EQ(call_of(SYS_stat, {5, 99}), call_of(SYS_newfstatat, {kHere, 5, 99, 0}));
  EXPECT_EQ(call_of(SYS_lstat, {5, 99}), call_of(SYS_newfstatat, {kHere, 5, 99, AT_SYMLINK_NOFOLLOW}));
  EXPECT_EQ(call_of(SYS_chown, {5, 1, 2}), call_of(SYS_fchownat, {kHere, 5, 1, 2, 0}));
  EXPECT_EQ(call_of(SYS_lchown, {5, 1, 2}), call_of(SYS_fchownat, {kHere, 5, 1, 2, AT_SYMLINK_NOFOLLOW}));
  EXPECT_EQ(call_of(SYS_chmod, {5, 0600}), call_of(SYS_fchmodat, {kHere, 5, 0600}));
  EXPECT_EQ(call_of(SYS_mknod, {5, S_IFBLK, 9}), call_of(SYS_mknodat, {kHere, 5, S_IFBLK, 9}));
  EXPECT_EQ(call_of(0x40000000 | SYS_stat, {5, 99}), call_of(SYS_stat, {5, 99})) << "x32";
}
#endif

}  // namespace
}  // namespace kelp::owners

namespace kelp::filters {
namespace {

constexpr auto kKept = BuiltInFilter::kFakeRootConsistent;

std::uint32_t action_of(std::uint32_t answer) { return answer & SECCOMP_RET_ACTION_FULL; }

TEST(FakeRootConsistentFilter, TellsOfWhatTheSupervisorReadsAndOfNothingElse) {
  if (this_machine() == Machine::kOther) GTEST_SKIP() << "\nno filters";
  const Abi& own = kAbis[this_machine() == Machine::kX86 ? 0 : 2];
  std::set<std::uint32_t> told;
  for (std::uint32_t number = 0; number < 600; ++number) {
    // A device, for mknod (its second argument) and mknodat (its third).
    const std::uint32_t said = of(kKept, own, number, {0, S_IFCHR, S_IFCHR | 3, 3});
    seccomp_data data{};
    data.nr = static_cast<int>(number);
    EXPECT_EQ(action_of(said) == SECCOMP_RET_USER_NOTIF, owners::read_call(data).has_value()) << number;
    if (action_of(said) == SECCOMP_RET_USER_NOTIF) told.insert(number);
  }
  EXPECT_EQ(told.size(), own.machine == Machine::kX86 ? 15U : 9U);
}

TEST(FakeRootConsistentFilter, PretendsWhatTheSimpleOnePretends) {
  for (const Abi& abi : kAbis) {
    for (std::uint32_t number = 0; number < 600; ++number) {
      const std::uint32_t simple = of(BuiltInFilter::kFakeRoot, abi, number, {0, S_IFCHR, S_IFCHR, 3});
      const std::uint32_t kept = of(kKept, abi, number, {0, S_IFCHR, S_IFCHR, 3});
      const bool is_pretended = abi.token == AUDIT_ARCH_I386 || action_of(kept) != SECCOMP_RET_USER_NOTIF;
      if (is_pretended) {
        EXPECT_EQ(kept, simple) << abi.name << " " << number;
      }
    }
  }
}

TEST(FakeRootConsistentFilter, LeavesFilesAndFifosToTheKernel) {
  for (const Abi& abi : {kAbis[0], kAbis[2]}) {
    const std::uint32_t mknodat = abi.machine == Machine::kX86 ? 259 : 33;
    for (const unsigned type : {S_IFIFO + 0U, S_IFSOCK + 0U, S_IFREG + 0U, 0U})
      EXPECT_EQ(of(kKept, abi, mknodat, {0, 0, type | 0644, 3}), kAllowed) << abi.name;
    EXPECT_EQ(of(kKept, abi, mknodat, {0, 0, S_IFCHR, 0}), kAllowed) << "a whiteout";
  }
}

TEST(SupervisorFilter, LetsNothingBeStartedOrReached) {
  for (const Abi& abi : kAbis) {
    for (const std::uint32_t number :
         {abi.execve, abi.clone, abi.clone3, abi.ptrace, abi.socket, abi.mount, abi.setns, abi.unshare,
          abi.bpf, abi.keyctl, abi.io_uring_setup, abi.open_by_handle_at, abi.pivot_root})
      EXPECT_EQ(of(BuiltInFilter::kSupervisor, abi, number), kRefused) << abi.name << " " << number;
    EXPECT_EQ(of(BuiltInFilter::kSupervisor, abi, abi.read), kAllowed) << abi.name;
    EXPECT_EQ(of(BuiltInFilter::kSupervisor, abi, abi.ioctl, {3, 0x5412}), kRefused) << "TIOCSTI";
    EXPECT_EQ(of(BuiltInFilter::kSupervisor, abi, abi.ioctl, {3, 0xc0502100}), kAllowed);
  }
}

}  // namespace
}  // namespace kelp::filters
