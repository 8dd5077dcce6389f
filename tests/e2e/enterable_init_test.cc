// SPDX-License-Identifier: Apache-2.0
// --init=enterable: who started the container enters it from outside by its PID 1, nobody inside gains a
// thing by it. What holds for every PID 1 is in the suites that derive from EachInit.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "e2e/each_init.h"

namespace kelp::harness {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kMarker[] = "echo inside >/tmp/marker; echo ready; exec sleep 60";

// A running container, and the number that its PID 1 has out here.
class Container {
 public:
  explicit Container(Argv flags, const std::string& script = kMarker)
      : running_(line(std::move(flags), script), {}) {
    EXPECT_TRUE(running_.wait_for_output("ready"));
    const std::string kelp = std::to_string(running_.pid());
    std::ifstream("/proc/" + kelp + "/task/" + kelp + "/children") >> pid1_;
    EXPECT_GT(pid1_, 0);
  }

  Running& operator*() { return running_; }
  std::string proc(const std::string& name) const { return "/proc/" + std::to_string(pid1_) + "/" + name; }
  /// The command line that runs a command in there. Who has one id only may not call setgroups(2).
  Argv entering(const Argv& command) const {
    Argv words = {"nsenter", "--target=" + std::to_string(pid1_),
                  "--user",  "--preserve-credentials",
                  "--mount", "--pid",
                  "--uts",   "--ipc"};
    words.insert(words.end(), command.begin(), command.end());
    return words;
  }

 private:
  static Argv line(Argv flags, const std::string& script) {
    flags.insert(flags.begin(), {kelp_binary(), "run", "--hostname=reef", "--tmpfs=/tmp"});
    flags.insert(flags.end(), {small_root(), "sh", "-c", script});
    return flags;
  }

  Running running_;
  pid_t pid1_ = 0;
};

#define NEEDS_NSENTER() KELP_REQUIRE(has_program("nsenter"), "nsenter (util-linux) is not installed")

TEST(EnterableInit, LetsItsOwnerInByNsenter) {
  NEEDS_NSENTER();
  const Container container({"--init=enterable"});
  const Outcome outcome = run(container.entering(
      {"sh", "-c", "cat /tmp/marker; id -u; hostname; tr '\\0' ' ' </proc/1/cmdline; echo $$"}));
  EXPECT_THAT(outcome, Works()) << outcome.err;
  EXPECT_THAT(outcome.out, testing::MatchesRegex("inside\n0\nreef\nkelp-init 2 [0-9]+ [0-9]+ [0-9]+\n"));
}

TEST(EnterableInit, LetsItsOwnerLookAtItsRoot) {
  const Container container({"--init=enterable"});
  EXPECT_EQ(read_file(container.proc("root/tmp/marker")), "inside\n");
}

TEST(DefaultPid1, LetsNobodyInFromOutsideEither) {
  NEEDS_NSENTER();
  KELP_ONLY_AS("the machine's root may enter everything", "user", "noranges", "nested");
  const Container container({});
  const Outcome outcome = run(container.entering({"true"}));
  EXPECT_EQ(outcome.status, 1);
  // Since util-linux 2.41 all namespaces are entered at once, which another check refuses.
  EXPECT_THAT(outcome.err,
              testing::AnyOf(HasSubstr("Permission denied"), HasSubstr("Operation not permitted")));
  EXPECT_LT(open(container.proc("root/tmp/marker").c_str(), O_RDONLY | O_CLOEXEC), 0);
}

TEST(EnterableInit, IsASealedFileThatIsNotKelp) {
  const Container container({"--init=enterable"});
  const int fd = open(container.proc("exe").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  struct stat info{};
  ASSERT_EQ(fstat(fd, &info), 0);
  EXPECT_LT(info.st_size, 100 * 1024) << "each start copies it";
  close(fd);
  EXPECT_LT(open(container.proc("exe").c_str(), O_WRONLY | O_CLOEXEC), 0);
}

TEST(EnterableInit, HoldsTheStatusSocketAndNothingElse) {
  const Container container({"--init=enterable"});
  EXPECT_EQ(names_in(container.proc("fd")).size(), 1U);
  EXPECT_EQ(read_file(container.proc("environ")), "");
  std::array<char, 64> target{};
  const std::string link = container.proc("fd/" + names_in(container.proc("fd"))[0]);
  ASSERT_GT(readlink(link.c_str(), target.data(), target.size() - 1), 0);
  EXPECT_THAT(target.data(), testing::StartsWith("socket:"));
}

// The positive control of PidOne.LetsNobodyIn: what --explain and the manual say is so.
TEST(EnterableInit, IsTraceableInsideWithTheCapabilityForIt) {
  // A Landlock domain forbids to trace whoever is outside of it, PID 1 too (landlock(7)).
  const Argv options =
      share_payload("intruder", {"--init=enterable", "--cap-add=sys_ptrace", "--landlock=none"});
  EXPECT_THAT(inside("exec /payload 1", options).out, HasSubstr("ptrace: yes"));
  const Outcome told = inside("true", {"--explain", "--init=enterable", "--cap-add=sys_ptrace"});
  EXPECT_THAT(told.err,
              AllOf(HasSubstr("make the embedded init PID 1"), HasSubstr("root inside can trace PID 1")));
  EXPECT_THAT(inside("true", {"--explain", "--init=enterable"}).err,
              Not(HasSubstr("root inside can trace PID 1")));
}

TEST(EnterableInit, EndsWhatHasEnteredWithTheContainer) {
  NEEDS_NSENTER();
  adopt_orphans();
  Container container({"--init=enterable"});
  Running entered(container.entering({"sh", "-c", "echo entered; sleep 60"}), {});
  ASSERT_TRUE(entered.wait_for_output("entered"));
  (*container).kill(SIGKILL);
  EXPECT_EQ((*container).finish().signal, SIGKILL);
  EXPECT_NE(entered.finish().status, 0);
  EXPECT_THAT(descendants(), testing::IsEmpty());
}

TEST(EnterableInit, WorksForOneWhoKeepsItsOwnIds) {
  const Outcome outcome = run_in("host", {"--init=enterable"}, {"sh", "-c", "cat /proc/1/comm; exit 3"});
  EXPECT_EQ(outcome.out, "kelp-init\n") << outcome.err;
  EXPECT_EQ(outcome.status, 3);
}

TEST(EnterableInit, SaysWhatForbidsProgramsInMemory) {
  KELP_ONLY_AS("the setting takes real root", "root");
  KELP_REQUIRE(access("/proc/sys/vm/memfd_noexec", F_OK) == 0, "this kernel has no vm.memfd_noexec (6.3)");
  // Of a pid namespace of the test's own.
  const Outcome outcome =
      run({"unshare", "--pid", "--fork", "--mount-proc", "sh", "-c",
           "echo 2 >/proc/sys/vm/memfd_noexec; exec \"$0\" run --init=enterable \"$1\" true", kelp_binary(),
           small_root()});
  EXPECT_EQ(outcome.status, 125);
  EXPECT_EQ(outcome.err,
            "kelp: cannot make a file in memory for kelp-init: Permission denied (--init=enterable)\n"
            "hint: the sysctl vm.memfd_noexec is 2, which forbids every program in memory; 1 would do\n");
}

}  // namespace
}  // namespace kelp::harness
