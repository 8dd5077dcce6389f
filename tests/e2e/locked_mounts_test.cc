// SPDX-License-Identifier: Apache-2.0
// What covers something of the host's does not come off when the container ends, though a descriptor of a
// directory above lives on; and --require=paths refuses where something could be moved away.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "e2e/container.h"
#include "harness/bpf.h"
#include "sys/pipe.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;
using testing::Not;

class LockedMounts : public testing::Test {
 protected:
  LockedMounts() {
    place_.file("share/.env", "SECRET\n");
    place_.file("share/.git/config", "config\n");
    std::filesystem::copy_file(payload("passfd"), place_.path() + "/share/passfd");
  }

  // Where the directory of a container that has ended still leads.
  std::string passed_on(const Argv& kelp_and_options, const std::string& root, const std::string& directory) {
    const std::string path = place_.path() + "/share/socket";
    std::filesystem::remove(path);
    const sys::UniqueFd listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un here{.sun_family = AF_UNIX, .sun_path = {}};
    path.copy(here.sun_path, sizeof here.sun_path - 1);
    EXPECT_EQ(::bind(listening.get(), reinterpret_cast<sockaddr*>(&here), sizeof here), 0) << path;
    std::filesystem::permissions(path, std::filesystem::perms::all);
    EXPECT_EQ(::listen(listening.get(), 1), 0);
    Argv words = kelp_and_options;
    if (!root.empty()) words.push_back(root);
    for (const std::string& word : {std::string("/mnt/passfd"), directory, std::string("/mnt/socket")})
      words.push_back(word);
    const Outcome outcome = run(words);
    EXPECT_THAT(outcome, Works()) << outcome.err;
    const sys::UniqueFd link(::accept(listening.get(), nullptr, nullptr));
    char byte = 0;
    Result<sys::Received> got = sys::receive_message(link.get(), &byte, 1);
    EXPECT_TRUE(got && got->fd.valid());
    directory_ = std::move(got->fd);
    return read_below(".env");
  }

  std::string read_below(const char* name) const {
    const sys::UniqueFd file(::openat(directory_.get(), name, O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return std::string("errno ") + std::to_string(errno);
    char text[64];
    const ssize_t size = ::read(file.get(), text, sizeof text);
    return {text, size > 0 ? static_cast<std::size_t>(size) : 0};
  }

  int errno_of_writing(const char* name) const {
    const sys::UniqueFd file(::openat(directory_.get(), name, O_WRONLY | O_CLOEXEC));
    return file.valid() ? 0 : errno;
  }

  Argv covered(const Argv& more = {}) const {
    Argv words = {kelp_binary(),     "run", "-v", share() + ":/mnt", "-v", share() + "/.git:/mnt/.git:ro",
                  "--hide=/mnt/.env"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::string share() const { return place_.path() + "/share"; }

  TempDir place_;
  sys::UniqueFd directory_;
};

TEST_F(LockedMounts, StayWhenOnlyADescriptorIsLeft) {
  for (const Argv& more : {Argv{}, Argv{"--no-init"}, Argv{"--share=pid"}, Argv{"--userns=single"},
                           Argv{"--landlock"}, Argv{"--network=none"}}) {
    EXPECT_EQ(passed_on(covered(more), small_root(), "/mnt"), "") << testing::PrintToString(more);
    EXPECT_EQ(errno_of_writing(".git/config"), EROFS) << testing::PrintToString(more);
    EXPECT_EQ(errno_of_writing("passfd"), 0) << "what is not covered is as it was";
  }
}

// However it is spelled, and whatever covers it.
TEST_F(LockedMounts, StayByWhateverTheyAreSpelled) {
  place_.link("link", "share");
  place_.dir("empty");
  place_.file("nothing");
  const std::string path = place_.path();
  for (const Argv& mounts :
       std::vector<Argv>{{"-v", share() + "/:/mnt/", "-v", share() + "/.env:/mnt/.env:ro"},
                         {"-v", path + "/link:/mnt", "-v", share() + "/.env:/mnt//.env:ro"},
                         {"-v", share() + ":/mnt", "-v", path + "/nothing:/./mnt/.env:ro"},
                         {"-v", share() + ":/mnt", "-v", path + "/nothing:/mnt/.env"},
                         {"-v", share() + ":/mnt:ro", "-v", "/dev/null:/mnt/.env:ro"},
                         {"-v", share() + ":/mnt", "--hide=//mnt/.env"}}) {
    Argv words = {kelp_binary(), "run", "--require=paths", "--seccomp=@no-userns"};
    words.insert(words.end(), mounts.begin(), mounts.end());
    const std::string seen = passed_on(words, small_root(), "/mnt");
    EXPECT_TRUE(seen != "SECRET\n" || errno_of_writing(".env") == EROFS) << testing::PrintToString(mounts);
  }
  const Outcome unfenced =
      run_in("host", {"--require=paths", "-v", share() + ":/mnt/", "--hide=//mnt/.env"}, {"true"});
  EXPECT_EQ(unfenced.status, 125) << "a spelling hides no writable tree";
}

TEST_F(LockedMounts, ThatALaterMountLiesOverAreRefusedUnderRequirePaths) {
  const Outcome outcome = run_in(
      small_root(), {"--require=paths", "--seccomp=@no-userns", "--hide=/mnt/.env", "-v", share() + ":/mnt"},
      {"true"});
  EXPECT_EQ(outcome.status, 125);
  EXPECT_THAT(outcome.err, HasSubstr("a later mount lies over /mnt/.env"));
}

TEST_F(LockedMounts, AreNotForContainersThatAreEnteredFromOutside) {
  const Outcome outcome =
      run_in(small_root(),
             {"--require=paths", "--init=enterable", "-v", share() + ":/mnt", "--hide=/mnt/.env"}, {"true"});
  EXPECT_EQ(outcome.status, 125);
  EXPECT_THAT(outcome.err, HasSubstr("with --init=enterable"));
}

// That shows that the test could fail: bubblewrap's dialect has bubblewrap's mounts.
TEST_F(LockedMounts, ComeOffInBubblewrapsDialect) {
  const Argv words = {kelp_binary(), "bwrap", "--bind",    small_root(), "/",        "--bind",
                      share(),       "/mnt",  "--ro-bind", "/dev/null",  "/mnt/.env"};
  EXPECT_EQ(passed_on(words, "", "/mnt"), "SECRET\n");
}

TEST_F(LockedMounts, KeepTheSettingsOfTheMachineFromItsRoot) {
  KELP_ONLY_AS("only the machine's root may write to them", "root");
  (void)passed_on({kelp_binary(), "run", "--userns=0:0:1", "-v", share() + ":/mnt"}, small_root(), "/proc");
  EXPECT_EQ(errno_of_writing("sys/kernel/core_pattern"), EROFS);
  EXPECT_EQ(read_below("keys"), "");
}

TEST_F(LockedMounts, LeaveTheIdsAndThePortsAsTheyWere) {
  Argv words = covered({"--network=none", small_root(), "sh", "-c",
                        "cut -c-11 /proc/self/uid_map | head -1; echo x >/mnt/new && "
                        "cat /proc/sys/net/ipv4/ip_unprivileged_port_start; chown 0:0 /mnt/new && echo own"});
  const Outcome outcome = run(words);
  EXPECT_EQ(outcome.out, "         0 \n0\nown\n") << outcome.err;
}

TEST_F(LockedMounts, LeaveTheCommandItsProcessIdWithoutClone3) {
  KELP_ONLY_AS("only root sets a filter and still maps a range", "root");
  const RunOptions without_clone3 = {.before_exec = [] {
    Bpf code = answering(SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);
    const sock_fprog program = {.len = static_cast<unsigned short>(code.size()), .filter = code.data()};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) std::abort();
  }};
  const Argv words = covered({small_root(), "sh", "-c", "echo $$; grep -c . /mnt/.env"});
  EXPECT_EQ(run(words).out, "2\n0\n");
  EXPECT_EQ(run(words, without_clone3).out, "2\n0\n");
}

TEST_F(LockedMounts, AreNotThereWhereNothingIsCovered) {
  const auto plan_of = [](const Argv& options) {
    Argv words = {"run", "--dry-run"};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"empty", "true"});
    return kelp(words).out;
  };
  KELP_ONLY_AS("the machine's root has parts of /proc covered", "user", "noranges");
  EXPECT_THAT(plan_of({"-v", share() + ":/mnt", "-v", "/usr:/usr:ro"}), Not(HasSubstr("lock all mounts")));
  EXPECT_THAT(plan_of({"--hide=/mnt"}), HasSubstr("lock all mounts"));
}

TEST_F(LockedMounts, ThatCanBeMovedAwayAreRefusedUnderRequirePaths) {
  const Outcome refused =
      run_in(small_root(), {"--require=paths", "-v", share() + ":/mnt", "--hide=/mnt/.env"}, {"true"});
  EXPECT_EQ(refused.status, 125);
  EXPECT_THAT(refused.err,
              HasSubstr("a user namespace made inside can move it away (--seccomp=@no-userns and "
                        "--landlock forbid that)"));
  for (const char* fence : {"--seccomp=@no-userns", "--landlock"}) {
    const Outcome outcome = run_in(
        small_root(), {"--require=paths", fence, "-v", share() + ":/mnt", "--hide=/mnt/.env"}, {"true"});
    EXPECT_THAT(outcome, Works()) << fence << outcome.err;
  }
}

TEST_F(LockedMounts, AreNoneOfWhoeverMayMountInside) {
  const Outcome refused = run_in(
      small_root(), {"--require=paths", "--cap-add=sys_admin", "-v", share() + ":/mnt", "--hide=/mnt/.env"},
      {"true"});
  EXPECT_EQ(refused.status, 125);
  EXPECT_THAT(refused.err, HasSubstr("with sys_admin the container can undo its mounts"));
}

}  // namespace
}  // namespace kelp::harness
