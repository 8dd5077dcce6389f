// SPDX-License-Identifier: Apache-2.0
// `kelp-oci exec`: who the process is, where, and with what; its status; its terminal.
#include <unistd.h>

#include "oci_bundle.h"
#include "unix_listener.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;

class OciExec : public testing::Test {
 protected:
  OciExec() {
    Json config = plain_config({"sleep", "1000"});
    config["process"]["env"].push_back("OF=the-container");
    bundle.write(config);
    EXPECT_EQ(bundle.create("one").status, 0);
    EXPECT_EQ(bundle.oci({"start", "one"}).status, 0);
  }
  static Argv words(Argv options, const Argv& command) {
    options.insert(options.begin(), "exec");
    options.emplace_back("one");
    options.insert(options.end(), command.begin(), command.end());
    return options;
  }
  Outcome exec(Argv options, const Argv& command) const {
    return bundle.oci(words(std::move(options), command));
  }
  Outcome exec_left(Argv options, const Argv& command) const {
    return bundle.oci_left(words(std::move(options), command));
  }
  OciBundle bundle;
};

TEST_F(OciExec, IsInTheContainer) {
  const Outcome outcome = exec({}, {"sh", "-c", "hostname; echo $OF; pwd; cat /proc/1/cmdline"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "inside\nthe-container\n/\n" + std::string("sleep\0"
                                                                    "1000\0",
                                                                    11));
}

TEST_F(OciExec, HasItsCommandsStatus) {
  EXPECT_EQ(exec({}, {"sh", "-c", "exit 7"}).status, 7);
  EXPECT_EQ(exec({}, {"sh", "-c", "kill -KILL $$"}).status, 137);
  const Outcome outcome = exec({}, {"/no/such"});
  EXPECT_EQ(outcome.status, 255);
  EXPECT_THAT(outcome.err, HasSubstr("exec failed: "));
  EXPECT_THAT(outcome.err, HasSubstr("No such file or directory"));
}

TEST_F(OciExec, IsWhoAndWhereItIsTold) {
  EXPECT_EQ(exec({"--env", "A=b", "-e", "OF=mine"}, {"sh", "-c", "echo $A $OF"}).out, "b mine\n");
  EXPECT_EQ(exec({"--cwd", "/tmp"}, {"pwd"}).out, "/tmp\n");
  const Outcome outcome = exec({"--user", "1:2"}, {"sh", "-c", "echo $(id -u) $(id -g)"});
  if (is_one_of({"noranges"}))
    EXPECT_EQ(outcome.status, 255) << "there is one id";
  else
    EXPECT_EQ(outcome.out, "1 2\n") << outcome.err;
  EXPECT_THAT(exec({"--user", "root"}, {"id"}).err, HasSubstr("it is not UID or UID:GID, in numbers"));
  EXPECT_THAT(exec({"--cap", "CAP_BOGUS"}, {"id"}).err, HasSubstr("there is none of this name"));
}

TEST_F(OciExec, LooksItsHomeUpInTheContainer) {
  EXPECT_EQ(exec({}, {"sh", "-c", "echo $HOME"}).out, "/root\n");
  EXPECT_EQ(exec({"--env", "HOME=/elsewhere"}, {"sh", "-c", "echo $HOME"}).out, "/elsewhere\n");
}

TEST_F(OciExec, HasTheRightsOfTheContainerAndWhatIsAdded) {
  const auto sets = [&](const Argv& options) {
    return exec(options, {"grep", "Cap\\|NoNewPrivs", "/proc/self/status"}).out;
  };
  EXPECT_THAT(sets({}), HasSubstr("CapEff:\t00000000000000e1\n"));
  EXPECT_THAT(sets({}), HasSubstr("CapInh:\t0000000000000000\n"));
  EXPECT_THAT(sets({}), HasSubstr("NoNewPrivs:\t1\n"));
  EXPECT_THAT(sets({"--cap", "CAP_FOWNER"}), HasSubstr("CapEff:\t00000000000000e9\n"));
}

TEST_F(OciExec, TakesAProcessFromAFile) {
  const Json process = {{"terminal", false},
                        {"user", {{"uid", 0}, {"gid", 0}}},
                        {"args", {"sh", "-c", "echo $FROM; pwd"}},
                        {"env", {"PATH=/bin", "FROM=a-file"}},
                        {"cwd", "/tmp"}};
  const std::string file = bundle.place().file("process.json", process.dump());
  const Outcome outcome = bundle.oci({"exec", "--process", file, "one"});
  EXPECT_EQ(outcome.out, "a-file\n/tmp\n") << outcome.err;
}

TEST_F(OciExec, ThatIsLeftGoesOnAndTellsItsNumber) {
  const std::string pid_file = bundle.place().path() + "/exec-pid";
  ASSERT_EQ(exec_left({"--detach", "--pid-file", pid_file}, {"sleep", "999"}).status, 0);
  const pid_t pid = std::stoi(read_file(pid_file));
  EXPECT_EQ(read_file("/proc/" + std::to_string(pid) + "/cmdline"), std::string("sleep\0"
                                                                                "999\0",
                                                                                10));
  EXPECT_THAT(bundle.oci({"ps", "one"}).out, HasSubstr("sleep 999"));
  ASSERT_EQ(bundle.oci({"kill", "--all", "one", "KILL"}).status, 0);
  EXPECT_EQ(bundle.status_becomes("one", "stopped"), "stopped");
  for (int i = 0; i < 500 && !has_ended(pid); ++i) std::this_thread::sleep_for(milliseconds{10});
  EXPECT_TRUE(has_ended(pid));
  EXPECT_EQ(exec({}, {"true"}).status, 255);
}

TEST_F(OciExec, GivesItsTerminalToWhoListensForIt) {
  const UnixListener listener(bundle.place().path() + "/console");
  const Outcome outcome = exec_left({"--tty", "--detach", "--console-socket", listener.path()},
                                    {"sh", "-c", "test -t 0 && echo on-a-terminal"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const UnixListener::Sent sent = listener.receive();
  ASSERT_GE(sent.fd, 0);
  EXPECT_THAT(sent.text, HasSubstr("/dev/pts/"));
  std::string said;
  char buffer[256];
  while (said.find('\n') == std::string::npos) {
    const ssize_t size = ::read(sent.fd, buffer, sizeof buffer);
    if (size <= 0) break;
    said.append(buffer, static_cast<std::size_t>(size));
  }
  EXPECT_EQ(said, "on-a-terminal\r\n");
  ::close(sent.fd);
  EXPECT_THAT(exec({"--tty", "--detach"}, {"true"}).err,
              HasSubstr("cannot allocate tty if kelp-oci will detach without setting console socket"));
}

}  // namespace
}  // namespace kelp::harness
