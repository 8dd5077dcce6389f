// SPDX-License-Identifier: Apache-2.0
// One more process in a container that runs already.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>

#include "foreign_spec.h"

namespace kelp::launch {
namespace {

using testing::HasSubstr;

class Entered : public Foreign {
 protected:
  // A container that sleeps.
  void start(Spec wanted) { ASSERT_EQ(leave_alone(std::move(wanted)), 0) << said(); }

  Spec enter_with(std::vector<std::string> argv) const {
    Spec spec;
    spec.entered =
        EnteredContainer{.pidfd = pidfd_.get(),
                         .kinds = {Namespace::kMount, Namespace::kPid, Namespace::kIpc, Namespace::kUts}};
    if (!has_rights()) spec.entered->kinds.push_back(Namespace::kUser);
    spec.command.argv = std::move(argv);
    spec.command.environment.entries = {"PATH=/bin"};
    spec.command.user = {.user = Id{0}, .group = Id{0}};
    spec.command.groups = Groups::kListed;
    spec.command.new_privileges = false;
    spec.command.capabilities.sets = CapabilitySets{};
    return spec;
  }
  Spec enter(const std::string& script) const { return enter_with({"/bin/sh", "-c", script}); }
};

TEST_F(Entered, IsInsideWithItsStatus) {
  Spec container = script("exec sleep 60");
  container.hostname = "reef";
  start(container);
  Spec wanted =
      enter("hostname >/out/name; ls -d /proc/[0-9]* >/out/pids; id -u >/out/id; pwd >>/out/id; exit 9");
  wanted.command.directory = "/tmp";
  EXPECT_EQ(run(wanted), 9) << said();
  EXPECT_EQ(read("name"), "reef\n");
  EXPECT_THAT(read("pids"), HasSubstr("/proc/1\n"));
  EXPECT_EQ(read("id"), "0\n/tmp\n");
}

TEST_F(Entered, HasTheSameMountsAndNothingOfTheMachine) {
  start(script("exec sleep 60"));
  EXPECT_EQ(
      run(enter("readlink /proc/self/ns/mnt >/out/a; readlink /proc/1/ns/mnt >/out/b; ls -l /proc/self/fd "
                ">/out/fds; readlink /proc/self/root >/out/root; grep Cap /proc/self/status >/out/caps")),
      0)
      << said();
  EXPECT_EQ(read("a"), read("b"));
  EXPECT_EQ(read("root"), "/\n");
  EXPECT_THAT(read("caps"), HasSubstr("CapEff:\t0000000000000000"));
}

// Until its execve it is still kelp, with kelp's memory and descriptors.
TEST_F(Entered, CannotBeLookedIntoBeforeItIsTheCommand) {
  const std::string look =
      "for p in /proc/[0-9]*; do test $p = /proc/1 && continue; echo $p; cat $p/environ >/dev/null && echo "
      "environ; "
      "readlink $p/fd/0 >/dev/null && echo fds; readlink $p/exe; done";
  start(script(
      cat("until test -e /out/first; do usleep 20000; done; { ", look,
          "; } >/out/before 2>/dev/null; touch /out/second; until test -e /out/third; do usleep 20000; "
          "done; { ",
          look, "; } >/out/after 2>/dev/null; touch /out/done; exec sleep 60")));
  const auto wait_for = [&](const char* name) {
    for (int i = 0; i < 1000 && !std::filesystem::exists(cat(out_, "/", name)); ++i) ::usleep(10'000);
  };
  sys::Pipe gate = std::move(*sys::make_pipe());
  Spec wanted = enter_with({"/bin/sleep", "60"});
  wanted.command.wait_fd = gate.read_end.get();
  const pid_t visitor = ::fork();
  if (visitor == 0) {
    gate.write_end.reset();
    ::_exit(run(wanted));
  }
  gate.read_end.reset();
  ::usleep(700'000);  // by then it waits
  (void)place_.file("out/first", "");
  wait_for("second");
  gate.write_end.reset();
  ::usleep(300'000);
  (void)place_.file("out/third", "");
  wait_for("done");
  EXPECT_THAT(read("before"), testing::MatchesRegex("/proc/[0-9]+\n")) << "it is there, and closed";
  EXPECT_THAT(read("after"), HasSubstr("environ\nfds\n/bin/busybox\n"));
  ::kill(pid_, SIGKILL);
  ::waitpid(visitor, nullptr, 0);
}

TEST_F(Entered, SaysWhatCannotBeExecuted) {
  start(script("exec sleep 60"));
  EXPECT_EQ(run(enter_with({"no-such"})), 127);
  EXPECT_THAT(said(), HasSubstr("cannot find no-such"));
  EXPECT_EQ(run(enter_with({"/etc/passwd"})), 126);
}

TEST_F(Entered, OfWhatHasEndedIsAnError) {
  start(script("exec sleep 60"));
  ::kill(pid_, SIGKILL);
  ::usleep(300'000);
  EXPECT_EQ(run(enter("true")), 125);
  EXPECT_THAT(said(), HasSubstr("cannot enter the container: "));
}

TEST_F(Entered, GetsATerminalOfTheContainersOwn) {
  Spec container = script("exec sleep 60");
  add(container, PlainMount{.type = "devpts",
                            .source = "devpts",
                            .to = "/dev/pts",
                            .data = "newinstance,ptmxmode=0666,mode=0620,gid=5"});
  start(container);
  Spec wanted = enter("tty >/out/tty; stty size >/out/size");
  wanted.command.new_session = true;
  wanted.command.terminal = TerminalMode::kAlways;
  wanted.command.terminal_size = TerminalSize{.rows = 11, .columns = 33};
  EXPECT_EQ(run(wanted), 0) << said();
  EXPECT_EQ(read("tty"), "/dev/pts/0\n");
  EXPECT_EQ(read("size"), "11 33\n");
}

}  // namespace
}  // namespace kelp::launch
