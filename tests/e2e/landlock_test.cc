// SPDX-License-Identifier: Apache-2.0
// Landlock: each fence holds against a program that tries, and lets it through where it is not asked for.
#include <arpa/inet.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "container.h"

namespace kelp::harness {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr int kAbiOfPorts = 4;
constexpr int kAbiOfScopes = 6;

long landlock_abi() { return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1U); }

constexpr const char* kTooOld = "this kernel has no Landlock, or one that is too old";

// What the payload says of its try in a container with these flags.
std::string tried(const Argv& options, Argv command, const std::string& root = small_root()) {
  command.insert(command.begin(), "/payload");
  const Outcome outcome = run_in(root, share_payload("fenced", options), command);
  EXPECT_EQ(outcome.status, 0) << testing::PrintToString(outcome);
  return outcome.out;
}

// A listener of this process, which is outside of every container: a descriptor that its end closes.
int abstract_listener(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), size), 0) << std::strerror(errno);
  EXPECT_EQ(::listen(fd, 8), 0);
  return fd;
}

// The port of a TCP listener on the loopback of the network namespace that the tests share with containers.
std::string tcp_listener() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), size), 0) << std::strerror(errno);
  EXPECT_EQ(::listen(fd, 8), 0);
  EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  return std::to_string(ntohs(address.sin_port));
}

TEST(AbstractSockets, OfTheHostAreOutOfReach) {
  KELP_REQUIRE(landlock_abi() >= kAbiOfScopes, kTooOld);
  const std::string name = "kelp-test-" + std::to_string(::getpid());
  ASSERT_GE(abstract_listener(name), 0);
  EXPECT_EQ(tried({"--landlock=none"}, {"abstract", name}), "done\n") << "the control gets through";
  EXPECT_EQ(tried({}, {"abstract", name}), "Operation not permitted\n");
  EXPECT_EQ(tried({"--new-privileges"}, {"abstract", name}), "Operation not permitted\n");
  EXPECT_EQ(tried({"--bare"}, {"abstract", name}), "Operation not permitted\n");
  EXPECT_EQ(tried({"--landlock"}, {"abstract", name}), "Operation not permitted\n");
  EXPECT_EQ(tried({"--network=none", "--landlock=none"}, {"abstract", name}), "Connection refused\n")
      << "the namespace alone does it";
}

TEST(AbstractSockets, OfTheContainerItselfWork) {
  EXPECT_EQ(tried({}, {"own-abstract"}), "done\n");
  EXPECT_EQ(tried({"--landlock"}, {"own-abstract"}), "done\n");
}

TEST(SignalScope, HoldsWhereThePidNamespaceIsShared) {
  KELP_REQUIRE(landlock_abi() >= kAbiOfScopes, kTooOld);
  const Running outside({"sleep", "60"}, {});
  const std::string pid = std::to_string(outside.pid());
  // As oneself: root of a container may signal only what its map holds.
  const Argv shared = {"--share=pid", "--proc=host", "--userns=keep-id"};
  Argv without = shared;
  without.emplace_back("--landlock=none");
  EXPECT_EQ(tried(without, {"signal", pid}), "done\n") << "the control gets through";
  EXPECT_EQ(tried(shared, {"signal", pid}), "Operation not permitted\n");
}

TEST(SignalScope, SetsNoLimitOfAProcessOutside) {
  KELP_REQUIRE(landlock_abi() >= kAbiOfScopes, kTooOld);
  const Running outside({"sleep", "60"}, {});
  const std::string pid = std::to_string(outside.pid());
  const auto limited = [&](const Argv& more) {
    Argv options = {"--share=pid", "--proc=host", "--userns=keep-id"};
    options.insert(options.end(), more.begin(), more.end());
    return run_in("host", options, {"prlimit", "--pid", pid, "--core=0:0"});
  };
  EXPECT_THAT(limited({"--landlock=none"}), Works()) << "the control gets through";
  const Outcome outcome = limited({});
  EXPECT_THAT(outcome.err, testing::HasSubstr("Operation not permitted"));
  EXPECT_THAT(run_in("host", {"--share=pid", "--proc=host"}, {"prlimit", "--core=0:0", "true"}), Works())
      << "its own limits are its own";
}

TEST(SignalScope, LetsTheContainersOwnProcessesSignal) {
  const Outcome outcome = inside("sleep 60 & kill $! && wait $!; echo $?", {"--share=pid", "--proc=host"});
  EXPECT_EQ(outcome.out, "143\n") << outcome.err;
}

TEST(AllowConnect, RefusesOtherPorts) {
  KELP_REQUIRE(landlock_abi() >= kAbiOfPorts, kTooOld);
  const std::string port = tcp_listener();
  const std::string other = port == "443" ? "444" : "443";
  EXPECT_EQ(tried({}, {"connect", port}), "done\n") << "the control gets through";
  EXPECT_EQ(tried({"--allow-connect", port}, {"connect", port}), "done\n");
  EXPECT_EQ(tried({"--allow-connect", other}, {"connect", port}), "Permission denied\n");
  EXPECT_EQ(tried({"--allow-connect=none"}, {"connect", port}), "Permission denied\n");
  EXPECT_EQ(tried({"--allow-connect=none"}, {"bind", "0"}), "done\n") << "it is about one direction";
}

TEST(AllowBind, RefusesOtherPorts) {
  KELP_REQUIRE(landlock_abi() >= kAbiOfPorts, kTooOld);
  EXPECT_EQ(tried({}, {"bind", "0"}), "done\n") << "the control gets through";
  EXPECT_EQ(tried({"--allow-bind=0"}, {"bind", "0"}), "done\n");
  EXPECT_EQ(tried({"--allow-bind=8080"}, {"bind", "0"}), "Permission denied\n");
  EXPECT_EQ(tried({"--allow-bind=none"}, {"bind", "0"}), "Permission denied\n");
  EXPECT_EQ(tried({"--allow-bind=none"}, {"connect", tcp_listener()}), "done\n");
}

// What Landlock has no right for, and a filter refuses: other ways to connect, and to listen.
TEST(AllowConnect, RefusesToConnectBySending) {
  KELP_REQUIRE(landlock_abi() >= kAbiOfPorts, kTooOld);
  const std::string port = tcp_listener();
  EXPECT_EQ(tried({}, {"fast-open", port}), "done\n") << "the control gets through";
  EXPECT_EQ(tried({"--allow-connect=none"}, {"fast-open", port}), "Operation not supported\n");
  EXPECT_EQ(tried({"--allow-connect", port}, {"fast-open", port}), "Operation not supported\n");
}

// A case only where the kernel has MPTCP: elsewhere the answer is that of the filter, and proves nothing.
TEST(AllowConnect, RefusesMptcp) {
  KELP_REQUIRE(landlock_abi() >= kAbiOfPorts, kTooOld);
  const std::string port = tcp_listener();
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 262);
  KELP_REQUIRE(fd >= 0, "this kernel has no MPTCP, or has it switched off, so there is no control");
  ::close(fd);
  EXPECT_EQ(tried({}, {"mptcp", port}), "done\n") << "the control gets through";
  for (const char* flag : {"--allow-connect=none", "--allow-bind=none"})
    EXPECT_EQ(tried({flag}, {"mptcp", port}), "Protocol not supported\n") << flag;
}

TEST(AllowBind, RefusesToListenWithoutABind) {
  KELP_REQUIRE(landlock_abi() >= kAbiOfPorts, kTooOld);
  EXPECT_EQ(tried({}, {"listen"}), "done\n") << "the control gets through";
  EXPECT_EQ(tried({"--allow-bind=none"}, {"listen"}), "Permission denied\n");
  EXPECT_EQ(tried({"--allow-connect=none"}, {"listen"}), "done\n") << "it is about one direction";
}

TEST(LandlockFiles, HoldWhereTheMountIsMadeWritable) {
  KELP_REQUIRE(landlock_abi() >= 3, kTooOld);
  const TempDir place;
  const std::string shared = place.dir("shared");
  const Argv weak = {"--cap-add=sys_admin", "--read-only", "-v", shared + ":/mnt:ro"};
  Argv strong = weak;
  strong.insert(strong.end(), {"--landlock", "--seccomp-log"});  // the filter would refuse earlier
  const std::string root = make_small_root(place);
  EXPECT_EQ(tried(strong, {"overwrite", "/mnt"}, root), "Permission denied\n");
  EXPECT_EQ(names_in(shared), Argv{});
  EXPECT_EQ(tried(weak, {"overwrite", "/mnt"}, root), "done\n") << "the control gets through";
  EXPECT_EQ(names_in(shared), Argv{"overwritten"});
}

// For these Landlock has no right, so the mount has to stay as it is. The kernel has several calls that
// change it, which FilterSets names.
TEST(LandlockFiles, KeepModesTimesAndOwnersToo) {
  KELP_REQUIRE(landlock_abi() >= 3, kTooOld);
  const TempDir place;
  const std::string full = place.file("shared/full", "full\n");
  const std::string root = make_small_root(place);
  const Argv weak = {"--cap-add=sys_admin", "--read-only", "-v", place.path() + "/shared:/mnt:ro"};
  const auto with = [&](const Argv& more) {
    Argv options = weak;
    options.insert(options.end(), more.begin(), more.end());
    return options;
  };
  const auto modes = [&] { return static_cast<unsigned>(std::filesystem::status(full).permissions()); };
  for (const Argv& more : {Argv{"--landlock"}, Argv{"--landlock", "--seccomp=none"}}) {
    EXPECT_EQ(tried(with(more), {"change", "/mnt"}, root), "mount_setattr: Operation not permitted\n");
    EXPECT_EQ(modes(), 0644U);
  }
  EXPECT_EQ(tried(with({"--landlock", "--seccomp-log"}), {"change", "/mnt"}, root), "done\n")
      << "Landlock alone does not keep them";
  EXPECT_EQ(modes(), 0604U);
}

// What is shared on /d hides the writable mount on /d/x behind a link to "/". No race is needed for it; who
// shares ROOT may win one with the same effect.
TEST(LandlockFiles, AreNotOpenedWhereAPathLeadsElsewhereByNow) {
  KELP_REQUIRE(landlock_abi() >= 3, kTooOld);
  const TempDir place;
  const std::string shared = place.dir("shared");
  const std::string root = make_small_root(place);
  place.dir("over");
  place.link("over/x", "/");
  const auto flags = [&](const std::string& over) {
    return Argv{"--landlock",
                "--seccomp-log",
                "--cap-add=sys_admin",
                "--read-only",
                "-v",
                shared + ":/mnt:ro",
                "--tmpfs=/d/x",
                "-v",
                place.path() + "/" + over + ":/d:ro"};
  };
  EXPECT_EQ(tried(flags("over"), {"overwrite", "/mnt"}, root), "Permission denied\n");
  EXPECT_EQ(names_in(shared), Argv{});
  // The control: the fence lets through what its rules are about.
  Argv open = flags("over");
  open.insert(open.end(), {"-v", place.dir("writable") + ":/mnt"});
  EXPECT_EQ(tried(open, {"overwrite", "/mnt"}, root), "done\n");
}

TEST(LandlockFiles, FollowTheLastMountOnAPath) {
  KELP_REQUIRE(landlock_abi() >= 3, kTooOld);
  const TempDir place;
  const std::string root = make_small_root(place);
  const std::string first = place.dir("first");
  const std::string last = place.dir("last");
  const Argv weak = {"--cap-add=sys_admin", "--read-only", "-v", first + ":/mnt", "-v", last + ":/mnt:ro"};
  Argv strong = weak;
  strong.insert(strong.end(), {"--landlock", "--seccomp-log"});
  EXPECT_EQ(tried(strong, {"overwrite", "/mnt"}, root), "Permission denied\n");
  EXPECT_EQ(tried(weak, {"overwrite", "/mnt"}, root), "done\n") << "the control gets through";
}

TEST(LandlockFiles, AreWrittenWhereAMountIsWritable) {
  const TempDir place;
  const std::string shared = place.dir("shared");
  const Outcome outcome = run_in(
      "host", {"--landlock", "-v", shared + ":" + shared},
      {"sh", "-c",
       "echo a > $0/a && mkdir $0/d && mv $0/a $0/d && : > $0/d/a && echo >/dev/null && echo b >/tmp/b && "
       "cat /tmp/b && ! touch /usr/x 2>/dev/null && ! mkdir /x 2>/dev/null",
       shared});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "b\n");
  EXPECT_EQ(names_in(shared), Argv{"d"});
}

TEST(LandlockFiles, ForbidMountsInside) {
  KELP_REQUIRE(landlock_abi() >= 1, kTooOld);
  const Argv weak = {"--cap-add=sys_admin", "--tmpfs=/mnt"};
  EXPECT_EQ(tried(weak, {"mount", "/mnt"}), "done\n") << "scopes forbid none";
  Argv strong = weak;
  strong.emplace_back("--landlock");
  EXPECT_EQ(tried(strong, {"mount", "/mnt"}), "Operation not permitted\n");
}

TEST(LandlockScopes, LeaveFilesAlone) {
  EXPECT_EQ(inside("mkdir /tmp/a /tmp/b && echo x > /tmp/a/x && mv /tmp/a/x /tmp/b/y && cat /tmp/b/y").out,
            "x\n")
      << "a domain that handles files would refuse the move between directories";
}

// One domain more than there already are.
bool enter_a_domain() {
  const std::array<std::uint64_t, 3> scopes = {0, 0, 1};
  const long fd = ::syscall(SYS_landlock_create_ruleset, scopes.data(), sizeof(scopes), 0U);
  const bool is_done = ::syscall(SYS_landlock_restrict_self, fd, 0U) == 0;
  ::close(static_cast<int>(fd));
  return is_done;
}

TEST(LandlockLayers, AreToldWhereTheKernelTakesNoMore) {
  KELP_REQUIRE(landlock_abi() >= kAbiOfScopes, kTooOld);
  ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  while (enter_a_domain()) continue;
  ASSERT_EQ(errno, E2BIG);
  const Outcome outcome = kelp({"run", "--userns=single", small_root(), "true"});
  EXPECT_EQ(outcome.status, 125);
  EXPECT_EQ(
      outcome.err,
      "kelp: cannot enter a Landlock domain: there are 16 around it already, which is the kernel's limit\n"
      "hint: --landlock=none does without one\n");
  EXPECT_EQ(kelp({"run", "--userns=single", "--landlock=none", small_root(), "echo", "started"}).out,
            "started\n");
}

TEST(LandlockPolicy, IsToldAndRequired) {
  KELP_REQUIRE(landlock_abi() >= kAbiOfScopes, kTooOld);
  EXPECT_THAT(
      kelp({"run", "--dry-run", "--landlock", "--allow-connect=443", small_root(), "true"}).out,
      AllOf(HasSubstr("enter a Landlock domain"), HasSubstr("[--allow-connect=443]\n"),
            HasSubstr("; no abstract socket of the host"), HasSubstr("TCP connections to port 443 only"),
            HasSubstr("no mount is made, moved or taken away inside")));
  EXPECT_THAT(inside("true", {"--require=landlock"}), Works());
  EXPECT_THAT(inside("true", {"--require=landlock:6"}), Works());
  EXPECT_EQ(inside("true", {"--network=none", "--require=landlock"}).err,
            "kelp: cannot enforce landlock (--require=landlock): nothing in this container asks for it\n"
            "hint: ask for it with --landlock=files\n");
  EXPECT_EQ(inside("true", {"--require=landlock:999"}).err,
            "kelp: cannot enforce landlock (--require=landlock:999): this kernel has ABI " +
                std::to_string(landlock_abi()) + "\n");
}

}  // namespace
}  // namespace kelp::harness
