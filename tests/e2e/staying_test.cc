// SPDX-License-Identifier: Apache-2.0
// Containers that stay: what the manual pages of exec, ps, logs, stop, kill, wait, inspect and rm promise.
#include <unistd.h>

#include <csignal>

#include "container.h"
#include "harness/stay_lock.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;

class Staying : public testing::Test {
 protected:
  // The state of this test alone.
  Outcome call(Argv words) const {
    return kelp(std::move(words), {.env = {"XDG_RUNTIME_DIR=" + place_.path()}});
  }
  Outcome start(const Argv& options, const Argv& command = {"sleep", "1000"}) const {
    Argv words = {"run", "-d"};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back(small_root());
    words.insert(words.end(), command.begin(), command.end());
    return call(words);
  }
  Outcome exec(const std::string& script, const Argv& options = {}) const {
    Argv words = {"exec"};
    words.insert(words.end(), options.begin(), options.end());
    for (const char* word : {"one", "sh", "-c"}) words.emplace_back(word);
    words.push_back(script);
    return call(words);
  }
  std::string number_of(const std::string& member) const {
    const std::string text = call({"inspect", "one"}).out;
    const std::size_t at = text.find("\"" + member + "\": ") + member.size() + 4;
    return text.substr(at, text.find(',', at) - at);
  }
  const std::string& place_path() const { return place_.path(); }
  void TearDown() override {
    for (const char* name : {"one", "two"}) call({"rm", "-f", name});
  }

 private:
  StayLock lock_;
  TempDir place_;
};

TEST_F(Staying, IsNamedAndFoundByItsName) {
  const Outcome started = start({"--name", "one"});
  ASSERT_EQ(started.out, "one\n") << started.err;
  EXPECT_EQ(started.status, 0);
  EXPECT_EQ(call({"ps", "-q"}).out, "one\n");
  EXPECT_THAT(call({"ps"}).out, HasSubstr("running"));
  EXPECT_THAT(start({"--name", "one"}).err,
              HasSubstr("kelp: cannot use --name one: there is a container of this name"));
  EXPECT_THAT(start({"--name", "A"}).err, HasSubstr("'A' is no name"));
}

TEST_F(Staying, GetsANameWhereNoneIsGiven) {
  const Outcome started = start({});
  ASSERT_EQ(started.status, 0) << started.err;
  const std::string name = started.out.substr(0, started.out.size() - 1);
  EXPECT_FALSE(name.empty());
  EXPECT_EQ(call({"rm", "-f", name}).out, started.out);
}

TEST_F(Staying, StartThatFailsSaysSoAndLeavesNothing) {
  const Outcome outcome = start({"--name", "one"}, {"nosuch"});
  EXPECT_EQ(outcome.status, 127);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("kelp: cannot find nosuch"));
  EXPECT_EQ(call({"ps", "-q"}).out, "");
}

TEST_F(Staying, AbsentOneIsRefusedByEachVerb) {
  const std::pair<const char*, const char*> verbs[] = {
      {"exec", "enter"},    {"logs", "read the log of"}, {"stop", "stop"}, {"kill", "kill"},
      {"wait", "wait for"}, {"inspect", "inspect"},      {"rm", "remove"}};
  for (const auto& [verb, action] : verbs) {
    const Outcome outcome = call({verb, "none"});
    EXPECT_EQ(outcome.status, 125) << verb;
    EXPECT_EQ(outcome.err, std::string("kelp: cannot ") + action +
                               " none: there is no such container\nhint: kelp ps lists the containers\n");
  }
}

TEST_F(Staying, ExecHasTheFencesOfTheContainer) {
  const Argv options = {"--name", "one", "--ulimit", "nofile=77", "-e", "FROM=run", "--cap-drop=chown"};
  ASSERT_EQ(start(options).status, 0);
  const std::string look =
      "grep -E '^(Cap|NoNewPrivs|Seccomp:|Groups)' /proc/self/status; ulimit -n; umask; id; pwd; echo $FROM";
  Argv words = {"run"};
  words.insert(words.end(), options.begin() + 2, options.end());
  for (const std::string& word : {small_root(), std::string("sh"), std::string("-c"), look})
    words.push_back(word);
  const Outcome first = call(words);
  const Outcome entered = exec(look);
  ASSERT_THAT(first.out, HasSubstr("NoNewPrivs:\t1")) << first.err;
  EXPECT_EQ(entered.out, first.out) << entered.err << first.err;
  EXPECT_EQ(exec("exit 7").status, 7);
  EXPECT_EQ(exec("echo $FROM $B; pwd", {"-e", "FROM=exec", "-e", "B=2", "-w", "/etc"}).out, "exec 2\n/etc\n");
  EXPECT_EQ(exec("cat /proc/1/comm").out, "kelp-init\n");
}

TEST_F(Staying, ExecSeesTheContainersProcesses) {
  ASSERT_EQ(start({"--name", "one"}).status, 0);
  EXPECT_THAT(exec("ps").out, HasSubstr("sleep 1000"));
}

TEST_F(Staying, ExecUsesTheProfileAsItWasThen) {
  const TempDir place;
  const std::string profile = place.file("p", "-e FROM=then\n");
  ASSERT_EQ(start({"--name", "one", "--profile", profile}).status, 0);
  place.file("p", "-e FROM=now\n");
  EXPECT_EQ(exec("echo $FROM").out, "then\n");
}

TEST_F(Staying, ExecIsRefusedWhereFilesAreFencedIn) {
  KELP_REQUIRE(call({"run", "--landlock=files", small_root(), "true"}).status == 0, "no Landlock for files");
  ASSERT_EQ(start({"--name", "one", "--landlock=files"}).status, 0);
  EXPECT_THAT(exec("true").err,
              HasSubstr("cannot enter the container: Landlock rules for files (--landlock=files)"));
}

TEST_F(Staying, EndsByStopAndItsStatusAndLogStay) {
  ASSERT_EQ(start({"--name", "one"},
                  {"sh", "-c", "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.1; done"})
                .status,
            0);
  for (int i = 0; i < 100 && call({"logs", "one"}).out.empty(); ++i) ::usleep(20'000);
  EXPECT_EQ(call({"stop", "one"}).out, "one\n");
  EXPECT_EQ(call({"logs", "one"}).out, "up\nbye\n");
  EXPECT_EQ(call({"wait", "one"}).out, "3\n");
  EXPECT_EQ(call({"wait", "one"}).status, 3);
  EXPECT_THAT(call({"ps"}).out, HasSubstr("exited (3)"));
  EXPECT_THAT(call({"exec", "one", "true"}).err, HasSubstr("cannot enter one: the container has ended"));
  EXPECT_EQ(call({"rm", "one"}).status, 0);
  EXPECT_EQ(call({"ps", "-q"}).out, "");
}

TEST_F(Staying, ThatIgnoresTermIsKilled) {
  ASSERT_EQ(start({"--name", "one"}, {"sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"}).status, 0);
  EXPECT_EQ(call({"stop", "-t", "0", "one"}).status, 0);
  EXPECT_EQ(call({"wait", "one"}).out, "137\n");
}

TEST_F(Staying, GetsSignalsByKill) {
  ASSERT_EQ(start({"--name", "one"}).status, 0);
  EXPECT_EQ(call({"kill", "-s", "USR1", "one"}).status, 0);
  EXPECT_EQ(call({"wait", "one"}).out, std::to_string(128 + SIGUSR1) + "\n");
  EXPECT_THAT(call({"kill", "one"}).err, HasSubstr("the container is not running (exited)"));
}

TEST_F(Staying, WithRmTellsItsStatusAndIsForgotten) {
  ASSERT_EQ(start({"--rm", "--name", "one"}, {"sh", "-c", "sleep 0.5; exit 4"}).status, 0);
  EXPECT_EQ(call({"wait", "one"}).out, "4\n");
  EXPECT_EQ(call({"ps", "-q"}).out, "") << "its name is free";
}

TEST_F(Staying, ThatRunsIsNotRemovedWithoutForce) {
  ASSERT_EQ(start({"--name", "one"}).status, 0);
  EXPECT_EQ(call({"rm", "one"}).err,
            "kelp: cannot remove one: the container is running\nhint: kelp rm -f one ends it first\n");
  EXPECT_EQ(call({"rm", "-f", "one"}).status, 0);
}

TEST_F(Staying, IsLostWithTheKelpThatHeldIt) {
  ASSERT_EQ(start({"--name", "one"}).status, 0);
  ASSERT_EQ(::kill(std::stoi(number_of("monitor")), SIGKILL), 0);
  for (int i = 0; i < 100 && call({"ps"}).out.find("lost") == std::string::npos; ++i) ::usleep(20'000);
  EXPECT_THAT(call({"ps"}).out, HasSubstr("lost"));
  EXPECT_THAT(call({"wait", "one"}).err, HasSubstr("cannot wait for one: it is lost"));
  EXPECT_EQ(call({"rm", "one"}).status, 0);
}

TEST_F(Staying, SharesItsNetwork) {
  ASSERT_EQ(start({"--name", "one", "--network=none"}).status, 0);
  const Outcome joined =
      call({"run", "--network=container:one", small_root(), "readlink", "/proc/self/ns/net"});
  ASSERT_THAT(joined.out, testing::StartsWith("net:[")) << joined.err;
  EXPECT_EQ(joined.out, exec("readlink /proc/self/ns/net").out) << joined.err;
  EXPECT_THAT(call({"run", "--network=container:one", "-p", "8080:80", small_root(), "true"}).err,
              HasSubstr("the network is somebody else's (--network=container:one)"));
  EXPECT_THAT(call({"run", "--network=container:two", small_root(), "true"}).err,
              HasSubstr("cannot join the network of two: there is no such container"));
  ASSERT_EQ(start({"--name", "two"}).status, 0);
  EXPECT_THAT(call({"run", "--network=container:two", small_root(), "true"}).err,
              HasSubstr("it has none of its own: its network is the host's"));
}

// In a user namespace of its own making PID 1 could give up setgroups(2), and with that keep the caller's
// groups for a process that enters.
TEST_F(Staying, WhosePid1HasLeftItsUserNamespaceIsNotEntered) {
  ASSERT_EQ(start({"--name", "one", "--no-init"}, {"unshare", "-U", "-r", "sleep", "1000"}).status, 0);
  Outcome entered;
  for (int i = 0; i < 100; ++i) {
    entered = exec("true");
    if (entered.status != 0) break;
    ::usleep(20'000);
  }
  EXPECT_EQ(entered.err,
            "kelp: cannot enter the container: its first process has left the user namespace that it was "
            "started in\n");
}

TEST_F(Staying, InAnotherPidNamespaceIsNotTakenForLost) {
  KELP_ONLY_AS("in there the machine's root is somebody else", "user", "noranges", "nested");
  ASSERT_EQ(start({"--name", "one"}).status, 0);
  const Outcome removed = run({"unshare", "-Urpf", "--mount-proc", "env", "XDG_RUNTIME_DIR=" + place_path(),
                               kelp_binary(), "rm", "one"});
  if (removed.err.find("unshare") != std::string::npos) GTEST_SKIP() << "no new proc here: " << removed.err;
  EXPECT_THAT(removed.err, HasSubstr("it was started in another pid namespace")) << removed.out;
  EXPECT_EQ(call({"ps", "-q"}).out, "one\n");
}

TEST_F(Staying, ThatFillsTheFileSystemHasItsStatusAllTheSame) {
  const Outcome outcome = with_mounts(
      "mkdir $2; mount -t tmpfs -o size=2m none $2; export XDG_RUNTIME_DIR=$2; "
      "$kelp run -d --userns=single --name fill \"$1\" sh -c 'head -c 6000000 /dev/zero; exit 3' && "
      "$kelp wait fill || $kelp ps; "
      "$kelp run -d --rm --userns=single --name gone \"$1\" sh -c 'head -c 6000000 /dev/zero; exit 4'; "
      "$kelp wait gone || $kelp ps -q",
      {small_root(), place_path() + "/full"});
  EXPECT_THAT(outcome.out, testing::MatchesRegex("fill\n3\n(.|\n)*exited \\(3\\)(.|\n)*gone\n4\nfill\n"))
      << outcome.out << outcome.err;
}

TEST_F(Staying, TellsItsLogUntilItEnds) {
  ASSERT_EQ(start({"--name", "one"}, {"sh", "-c", "echo a; sleep 0.5; echo b"}).status, 0);
  EXPECT_EQ(call({"logs", "-f", "one"}).out, "a\nb\n");
}

TEST_F(Staying, WithoutANameLeavesNoState) {
  EXPECT_EQ(call({"run", small_root(), "true"}).status, 0);
  EXPECT_FALSE(std::filesystem::exists(place_path() + "/kelp"));
}

}  // namespace
}  // namespace kelp::harness
