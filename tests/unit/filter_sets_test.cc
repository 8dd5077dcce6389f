// SPDX-License-Identifier: Apache-2.0
// The sets of system calls that `--seccomp=@NAME` takes away, tried in user space on every architecture.
#include <gmock/gmock.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>

#include "unit/filter_abis.h"

namespace kelp::filters {
namespace {

TEST(FilterSets, TakeUserNamespacesAway) {
  constexpr auto kSet = BuiltInFilter::kNoUserns;
  for (const Abi& abi : kAbis) {
    EXPECT_EQ(of(kSet, abi, abi.clone, {CLONE_NEWUSER | CLONE_NEWNS}), kRefused);
    EXPECT_EQ(of(kSet, abi, abi.clone, {CLONE_NEWNS}), kAllowed);
    EXPECT_EQ(of(kSet, abi, abi.clone3), kUnknown) << "its flags cannot be seen; clone is tried then";
    EXPECT_EQ(of(kSet, abi, abi.unshare, {CLONE_NEWUSER}), kRefused);
    EXPECT_EQ(of(kSet, abi, abi.unshare, {CLONE_NEWNS}), kAllowed);
    EXPECT_EQ(of(kSet, abi, abi.setns, {3, CLONE_NEWUSER}), kRefused);
    EXPECT_EQ(of(kSet, abi, abi.setns, {3, 0}), kRefused) << "whatever it is";
    EXPECT_EQ(of(kSet, abi, abi.setns, {3, CLONE_NEWNET}), kAllowed);
    EXPECT_EQ(of(kSet, abi, abi.bpf), kAllowed) << "it says nothing of others";
  }
}

TEST(FilterSets, TakeWhatTheirNamesSay) {
  for (const Abi& abi : kAbis) {
    EXPECT_EQ(of(BuiltInFilter::kNoUnixSockets, abi, abi.socket, {AF_UNIX}), kRefused);
    EXPECT_EQ(of(BuiltInFilter::kNoUnixSockets, abi, abi.socket, {0x100000000U | AF_UNIX}), kRefused);
    EXPECT_EQ(of(BuiltInFilter::kNoUnixSockets, abi, abi.socket, {AF_INET}), kAllowed);
    EXPECT_EQ(of(BuiltInFilter::kNoUnixSockets, abi, abi.socketpair, {AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC}),
              kAllowed);
    EXPECT_EQ(of(BuiltInFilter::kNoUnixSockets, abi, abi.socketpair, {AF_UNIX, SOCK_SEQPACKET}), kAllowed);
    EXPECT_EQ(of(BuiltInFilter::kNoUnixSockets, abi, abi.socketpair, {AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC}),
              kRefused)
        << "it can be connected elsewhere";
    EXPECT_EQ(of(BuiltInFilter::kNoUnixSockets, abi, abi.socketpair, {AF_UNIX, SOCK_RAW}), kRefused);
    EXPECT_EQ(of(BuiltInFilter::kNoUnixSockets, abi, abi.io_uring_setup), kRefused);
    EXPECT_EQ(of(BuiltInFilter::kNoTerminalInjection, abi, abi.ioctl, {0, 0x100000000U | TIOCSTI}), kRefused);
    EXPECT_EQ(of(BuiltInFilter::kNoTerminalInjection, abi, abi.ioctl, {0, TIOCLINUX}), kRefused);
    EXPECT_EQ(of(BuiltInFilter::kNoTerminalInjection, abi, abi.ioctl, {0, TCGETS}), kAllowed);
    EXPECT_EQ(of(BuiltInFilter::kNoOtherTcp, abi, abi.socket, {AF_INET, SOCK_STREAM, 262}),
              SECCOMP_RET_ERRNO | EPROTONOSUPPORT)
        << "MPTCP";
    EXPECT_EQ(of(BuiltInFilter::kNoOtherTcp, abi, abi.socket, {AF_INET6, SOCK_STREAM, 256}),
              SECCOMP_RET_ERRNO | EPROTONOSUPPORT)
        << "SMC";
    EXPECT_EQ(of(BuiltInFilter::kNoOtherTcp, abi, abi.socket, {AF_INET, SOCK_STREAM, IPPROTO_TCP}), kAllowed);
    EXPECT_EQ(of(BuiltInFilter::kNoOtherTcp, abi, abi.io_uring_setup), kRefused);
    EXPECT_EQ(of(BuiltInFilter::kNoListen, abi, abi.socket, {AF_INET, SOCK_STREAM}), kAllowed);
    EXPECT_EQ(of(BuiltInFilter::kNoListen, abi, abi.io_uring_setup), kRefused);
    for (const std::uint32_t flag : {0x00020000U, 0x02000000U, 0x10000000U, 0x20000000U, 0x40000000U}) {
      EXPECT_EQ(of(BuiltInFilter::kNoNesting, abi, abi.clone, {flag | SIGCHLD}), kRefused);
      EXPECT_EQ(of(BuiltInFilter::kNoNesting, abi, abi.unshare, {flag}), kRefused);
    }
    EXPECT_EQ(of(BuiltInFilter::kNoNesting, abi, abi.unshare, {0x80}), kRefused) << "CLONE_NEWTIME";
    EXPECT_EQ(of(BuiltInFilter::kNoNesting, abi, abi.clone, {0x003D0F00U | SIGCHLD}), kAllowed) << "a thread";
    EXPECT_EQ(of(BuiltInFilter::kNoNesting, abi, abi.clone3), kUnknown);
    for (const std::uint32_t call : {abi.mount, abi.pivot_root, abi.setns, abi.open_by_handle_at})
      EXPECT_EQ(of(BuiltInFilter::kNoNesting, abi, call), kRefused);
    EXPECT_EQ(of(BuiltInFilter::kNoIoUring, abi, abi.io_uring_setup), kRefused);
    EXPECT_EQ(of(BuiltInFilter::kNoIoUring, abi, abi.read), kAllowed);
    EXPECT_EQ(of(BuiltInFilter::kNoPtrace, abi, abi.ptrace), kRefused);
    EXPECT_EQ(of(BuiltInFilter::kNoPtrace, abi, abi.read), kAllowed);
    EXPECT_EQ(of(BuiltInFilter::kNoKeyring, abi, abi.keyctl), kUnknown);
    EXPECT_EQ(of(BuiltInFilter::kNoKeyring, abi, abi.read), kAllowed);
  }
}

// fsconfig, fspick, mount_setattr, open_tree_attr: since 424 a call has the same number everywhere.
TEST(FilterSets, TakeChangesOfMountsAway) {
  constexpr auto kSet = BuiltInFilter::kNoMountChanges;
  for (const Abi& abi : kAbis) {
    for (const std::uint32_t call : {431U, 433U, 442U, 467U})
      EXPECT_EQ(of(kSet, abi, call), kRefused) << call;
    for (const std::uint32_t call : {abi.read, abi.mount, abi.unshare, abi.io_uring_setup})
      EXPECT_EQ(of(kSet, abi, call), kAllowed) << call;
  }
}

TEST(Filters, HaveTheNamesOfTheManual) {
  EXPECT_THAT(filter_set_names(),
              testing::ElementsAre("no-userns", "no-unix-sockets", "no-terminal-injection", "no-io-uring",
                                   "no-ptrace", "no-keyring", "no-other-tcp", "no-listen", "no-nesting",
                                   "no-other-process", "no-ipc", "no-mount-changes"));
  EXPECT_EQ(read_built_in_filter("no-ptrace"), BuiltInFilter::kNoPtrace);
  EXPECT_EQ(read_built_in_filter("default"), BuiltInFilter::kDefault);
  EXPECT_FALSE(read_built_in_filter("no"));
  EXPECT_TRUE(is_known_call("mseal"));
  EXPECT_FALSE(is_known_call("read"));
}

}  // namespace
}  // namespace kelp::filters
