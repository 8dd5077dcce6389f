// SPDX-License-Identifier: Apache-2.0
// The sets of `--seccomp=@NAME` that give back what the default filter refuses, against a program that calls.
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

std::string call_in(Argv options, long number, const Argv& arguments) {
  Argv command = {"/payload", "native", std::to_string(number)};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const Outcome outcome = run_in(small_root(), share_payload("syscall", std::move(options)), command);
  if (outcome.status == 0) return outcome.out;
  return "status=" + std::to_string(outcome.status) + " " + outcome.err;
}

std::string answer_of(int code) { return "errno=" + std::to_string(code) + "\n"; }

// No rings at an address that is none, a ring that is no descriptor, and counters told of nowhere.
std::string setup_in(Argv options) { return call_in(std::move(options), SYS_io_uring_setup, {"1", "0"}); }
std::string register_in(Argv options) {
  return call_in(std::move(options), SYS_io_uring_register, {"-1", "0", "0", "0"});
}
std::string perf_in(Argv options) {
  return call_in(std::move(options), SYS_perf_event_open, {"0", "0", "-1", "-1", "0"});
}

TEST(GivingSets, GiveIoUringBackAndNothingElse) {
  KELP_ONLY_AS("the filter of the kelp around it holds here too", "user", "noranges", "root");
  KELP_REQUIRE(run({"cat", "/proc/sys/kernel/io_uring_disabled"}).out == "0\n",
               "the kernel forbids io_uring by itself");
  EXPECT_EQ(setup_in({}), answer_of(EPERM)) << "the control";
  EXPECT_EQ(setup_in({"--seccomp=@io-uring"}), answer_of(EFAULT)) << "the kernel's own answer";
  EXPECT_EQ(register_in({}), answer_of(EPERM));
  EXPECT_THAT(register_in({"--seccomp=@io-uring"}), AnyOf(answer_of(EBADF), answer_of(EINVAL)));
  EXPECT_EQ(setup_in({"--seccomp=@perf,@keyring"}), answer_of(EPERM)) << "another set gives none of it";
  EXPECT_EQ(perf_in({"--seccomp=@io-uring"}), answer_of(EPERM)) << "nor does it give others'";
  EXPECT_EQ(call_in({"--seccomp=@io-uring"}, SYS_keyctl, {"0", "-3", "1"}), answer_of(ENOSYS));
  EXPECT_EQ(call_in({"--seccomp=@io-uring"}, SYS_socket, {std::to_string(AF_ALG), "5", "0"}),
            answer_of(EAFNOSUPPORT));
}

// What the manual says of it: a ring makes what the filter refuses to socket(2).
TEST(GivingSets, LetRingsMakeSocketsThatNoFilterSees) {
  KELP_ONLY_AS("the filter of the kelp around it holds here too", "user", "noranges", "root");
  const std::string family = std::to_string(AF_VSOCK);
  KELP_REQUIRE(run({payload("ring"), family}).out == "ok\n", "no ring makes a socket of AF_VSOCK here");
  const auto ring_in = [&](Argv options) {
    return run_in(small_root(), share_payload("ring", std::move(options)), {"/payload", family}).out;
  };
  EXPECT_EQ(ring_in({}), "ring: " + answer_of(EPERM));
  EXPECT_EQ(ring_in({"--seccomp=@io-uring"}), "ok\n");
  EXPECT_EQ(call_in({"--seccomp=@io-uring"}, SYS_socket, {family, std::to_string(SOCK_STREAM), "0"}),
            answer_of(EAFNOSUPPORT));
}

TEST(GivingSets, GivePerfEventsBack) {
  KELP_ONLY_AS("the filter of the kelp around it holds here too", "user", "noranges", "root");
  EXPECT_EQ(perf_in({}), answer_of(EPERM)) << "the control";
  // Whom the kernel lets count at all is a setting of its own, kernel.perf_event_paranoid.
  EXPECT_THAT(perf_in({"--seccomp=@perf"}), AnyOf(answer_of(EFAULT), answer_of(EACCES)));
  EXPECT_EQ(call_in({"--seccomp=@perf"}, SYS_bpf, {"0", "0", "0"}), answer_of(EPERM));
}

TEST(GivingSets, GiveKeysBackInAKeyringOfItsOwn) {
  KELP_ONLY_AS("the filter of the kelp around it leaves no keyrings", "user", "noranges", "root");
  const std::string keyring = payload("keyring");
  KELP_REQUIRE(run({keyring, "add", "kelp-test", keyring, "find", "kelp-test"}).status != 2,
               "this kernel has no keyrings");
  const auto inside_of = [&](Argv options, const Argv& command) {
    Argv words = {keyring, "add", "kelp-test", kelp_binary(), "run"};
    for (const std::string& word : share_payload("keyring", std::move(options))) words.push_back(word);
    words.push_back(small_root());
    words.insert(words.end(), command.begin(), command.end());
    return run(words);
  };
  const Argv add = {"/payload", "add", "inner", "/payload", "find", "inner"};
  EXPECT_THAT(inside_of({}, add).err, HasSubstr("Function not implemented")) << "the control";
  const Outcome outcome = inside_of({"--seccomp=@keyring"}, add);
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_EQ(inside_of({"--seccomp=@keyring"}, {"/payload", "find", "kelp-test"}).status, 1)
      << "the session keyring is a new one all the same";
}

TEST(GivingSets, AreToldByExplain) {
  const auto explained = [](Argv options) {
    options.insert(options.begin(), {"--dry-run", "--fake-root=off"});
    return run_in("empty", options, {"true"}).out;
  };
  const std::string given = explained({"--seccomp=@io-uring,@keyring", "--require=seccomp"});
  EXPECT_THAT(given, HasSubstr("filter system calls: default minus @io-uring and @keyring ("));
  EXPECT_THAT(given, HasSubstr("[--seccomp=@io-uring,@keyring]"));
  EXPECT_THAT(given, HasSubstr("a filter of system calls (default minus @io-uring and @keyring)"));
  EXPECT_THAT(given, HasSubstr("partly enforced: what the default filter refuses: io_uring is given back"));
  EXPECT_THAT(given, HasSubstr("partly enforced: what the default filter refuses: the calls for keys"));
  EXPECT_THAT(explained({}), Not(AnyOf(HasSubstr("minus @"), HasSubstr("given back"))));
}

TEST(GivingSets, AreRefusedWhereTheyCouldGiveNothing) {
  const auto refused = [](const Argv& options) {
    const Outcome outcome = run_in("empty", options, {"true"});
    EXPECT_THAT(outcome, CannotStart());
    return outcome.err;
  };
  EXPECT_THAT(refused({"--seccomp=none,@io-uring"}),
              HasSubstr("kelp: cannot allow @io-uring (--seccomp=none,@io-uring): it gives back what the "
                        "default filter refuses, and there is no default filter\n"));
  EXPECT_THAT(refused({"--seccomp=@io-uring,@no-unix-sockets"}),
              HasSubstr("@no-unix-sockets refuses the same calls\n"));
  EXPECT_THAT(refused({"--allow-connect=80", "--seccomp=@io-uring"}),
              HasSubstr("--allow-connect=80 refuses io_uring, which would be a way around it\n"));
  EXPECT_THAT(refused({"--seccomp=@iouring"}), HasSubstr("did you mean @io-uring?"));
}

TEST(GivingSets, TakeBackWhatAProfileTakesAway) {
  KELP_ONLY_AS("the filter of the kelp around it holds here too", "user", "noranges", "root");
  const TempDir place;
  const std::string profile = "--profile=" + place.file("profile", "--seccomp=@no-keyring,@no-userns\n");
  const auto keyctl_in = [](Argv options) {
    return call_in(std::move(options), SYS_keyctl, {"0", "-3", "1"});
  };
  EXPECT_EQ(keyctl_in({profile}), answer_of(ENOSYS)) << "the control";
  EXPECT_EQ(keyctl_in({profile, "--seccomp=@keyring"}), "ok\n");
  EXPECT_EQ(call_in({profile, "--seccomp=@keyring"}, SYS_unshare, {"0x10000000"}), answer_of(EPERM))
      << "what else the profile takes away stays";
  EXPECT_EQ(keyctl_in({"--seccomp=@keyring", profile}), answer_of(ENOSYS)) << "the last one counts";
}

TEST(GivingSets, CountInAProfile) {
  KELP_ONLY_AS("the filter of the kelp around it holds here too", "user", "noranges", "root");
  const TempDir place;
  const std::string profile = place.file("profile", "--seccomp=@perf\n");
  EXPECT_THAT(perf_in({"--profile=" + profile}), Not(answer_of(EPERM)));
}

}  // namespace
}  // namespace kelp::harness
