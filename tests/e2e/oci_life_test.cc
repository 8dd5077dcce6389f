// SPDX-License-Identifier: Apache-2.0
// The life of a container as runtime.md has it: its states, and what is an error in which.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "oci_bundle.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class OciLife : public testing::Test {
 protected:
  OciBundle bundle;
};

// The pid file's text, once it is there.
std::string pid_in(const std::string& path) { return read_file(path); }

TEST_F(OciLife, GoesFromCreatedToRunningToStoppedToNothing) {
  bundle.runs({"sh", "-c", "echo ran >/ran; exec sleep 100"});
  const Outcome created = bundle.create("one", {"--pid-file", bundle.place().path() + "/pid"});
  ASSERT_EQ(created.status, 0) << created.err;
  EXPECT_EQ(created.out + created.err, "");
  const Json state = bundle.state_of("one");
  EXPECT_EQ(state["status"], "created");
  EXPECT_EQ(state["id"], "one");
  EXPECT_EQ(state["bundle"], bundle.path());
  EXPECT_EQ(state["rootfs"], bundle.path() + "/rootfs");
  EXPECT_EQ(state["ociVersion"], "1.3.0");
  EXPECT_EQ(pid_in(bundle.place().path() + "/pid"), std::to_string(state["pid"].get<pid_t>()));
  EXPECT_FALSE(fs::exists(bundle.path() + "/rootfs/ran")) << "the command has not begun";

  const Outcome started = bundle.oci({"start", "one"});
  ASSERT_EQ(started.status, 0) << started.err;
  EXPECT_EQ(bundle.status_of("one"), "running");
  EXPECT_EQ(bundle.pid_of("one"), state["pid"]) << "the same process";
  const std::string proof = bundle.path() + "/rootfs/ran";
  for (int i = 0; i < 1000 && !fs::exists(proof); ++i) std::this_thread::sleep_for(milliseconds{10});
  EXPECT_TRUE(fs::exists(proof));

  ASSERT_EQ(bundle.oci({"kill", "one", "KILL"}).status, 0);
  EXPECT_EQ(bundle.status_becomes("one", "stopped"), "stopped");
  EXPECT_EQ(bundle.state_of("one")["pid"], 0);
  ASSERT_EQ(bundle.oci({"delete", "one"}).status, 0);
  EXPECT_EQ(bundle.status_of("one"), "none");
  EXPECT_TRUE(bundle.is_empty());
}

TEST_F(OciLife, OfNoContainerIsAnErrorEverywhere) {
  for (const char* verb : {"state", "start", "kill", "delete", "pause", "resume", "ps", "events"})
    EXPECT_THAT(bundle.oci({verb, "none"}), RefusesWith("container does not exist")) << verb;
  EXPECT_THAT(bundle.oci({"state", "../none"}), RefusesWith("container does not exist"));
  EXPECT_EQ(bundle.oci({"delete", "--force", "none"}).status, 0);
  EXPECT_EQ(bundle.oci({"exec", "none", "true"}).status, 255);
}

TEST_F(OciLife, HasEachIdOnce) {
  bundle.runs({"sleep", "100"});
  ASSERT_EQ(bundle.create("one").status, 0);
  EXPECT_THAT(bundle.create("one"), RefusesWith("create failed: container with given ID already exists"));
  EXPECT_EQ(bundle.status_of("one"), "created") << "nothing has happened to it";
  EXPECT_EQ(bundle.create("two").status, 0);
  EXPECT_EQ(bundle.oci({"list", "-q"}).out, "one\ntwo\n");
  EXPECT_THAT(bundle.create("a/b"), RefusesWith("create failed: invalid container ID format"));
  EXPECT_THAT(bundle.create(""), RefusesWith("create failed: container id cannot be empty"));
}

TEST_F(OciLife, StartsOnce) {
  bundle.runs({"sleep", "100"});
  ASSERT_EQ(bundle.create("one").status, 0);
  ASSERT_EQ(bundle.oci({"start", "one"}).status, 0);
  EXPECT_THAT(bundle.oci({"start", "one"}), RefusesWith("cannot start an already running container"));
  EXPECT_EQ(bundle.status_of("one"), "running");
  ASSERT_EQ(bundle.oci({"kill", "one", "9"}).status, 0);
  ASSERT_EQ(bundle.status_becomes("one", "stopped"), "stopped");
  EXPECT_THAT(bundle.oci({"start", "one"}), RefusesWith("cannot start a container that has stopped"));
}

TEST_F(OciLife, EndsByDeleteOnlyWhereItHasEnded) {
  bundle.runs({"sleep", "100"});
  ASSERT_EQ(bundle.create("one").status, 0);
  ASSERT_EQ(bundle.oci({"start", "one"}).status, 0);
  EXPECT_THAT(bundle.oci({"delete", "one"}),
              RefusesWith("cannot delete container one that is not stopped: running"));
  EXPECT_EQ(bundle.status_of("one"), "running");
  const pid_t pid = bundle.pid_of("one");
  EXPECT_EQ(bundle.oci({"delete", "--force", "one"}).status, 0);
  EXPECT_TRUE(bundle.is_empty());
  EXPECT_TRUE(has_ended(pid)) << "its process has ended";
}

TEST_F(OciLife, OfOneThatWasNeverStartedIsDeletedAsRuncDoes) {
  bundle.runs({"sleep", "100"});
  ASSERT_EQ(bundle.create("one").status, 0);
  const pid_t pid = bundle.pid_of("one");
  EXPECT_EQ(bundle.oci({"delete", "one"}).status, 0);
  EXPECT_TRUE(bundle.is_empty());
  EXPECT_TRUE(has_ended(pid));
}

TEST_F(OciLife, OfOneThatWaitsEndsByKill) {
  bundle.runs({"sleep", "100"});
  ASSERT_EQ(bundle.create("one").status, 0);
  EXPECT_THAT(bundle.oci({"kill", "one", "BOGUS"}), RefusesWith("unknown signal \\\"BOGUS\\\""));
  ASSERT_EQ(bundle.oci({"kill", "one", "SIGKILL"}).status, 0);
  EXPECT_EQ(bundle.status_becomes("one", "stopped"), "stopped");
  EXPECT_THAT(bundle.oci({"kill", "one", "KILL"}), RefusesWith("container not running"));
  EXPECT_EQ(bundle.oci({"kill", "--all", "one", "KILL"}).status, 0) << "as runc has it";
}

TEST_F(OciLife, ACreateThatFailsLeavesNothing) {
  Json config = plain_config({"sleep", "100"});
  config["mounts"].push_back(
      {{"destination", "/x"}, {"type", "bind"}, {"source", "/no/such"}, {"options", {"bind"}}});
  bundle.write(config);
  const Outcome outcome = bundle.create("one");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("/no/such"));
  EXPECT_TRUE(bundle.is_empty());
  bundle.runs({"sleep", "100"});
  EXPECT_EQ(bundle.create("one").status, 0) << "the id is free";
}

TEST_F(OciLife, ACommandThatIsNotThereIsAnErrorOfTheStart) {
  bundle.runs({"/no/such/program"});
  const Outcome created = bundle.create("one");
  const Outcome started = created.status == 0 ? bundle.oci({"start", "one"}) : created;
  EXPECT_EQ(started.status, 1);
  EXPECT_THAT(started.err, AllOf(HasSubstr("/no/such/program"), HasSubstr("No such file or directory")));
}

TEST_F(OciLife, TellsErrorsToTheLogInTheFormThatEnginesRead) {
  const std::string log = bundle.place().path() + "/log";
  const Outcome outcome = run({kelp_binary(), "oci", "--root", bundle.state(), "--log", log, "--log-format",
                               "json", "state", "none"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "container does not exist\n");
  const Json line = Json::parse(read_file(log));
  EXPECT_EQ(line["level"], "error");
  EXPECT_EQ(line["msg"], "container does not exist");
  EXPECT_THAT(line["time"].get<std::string>(), testing::MatchesRegex("....-..-..T..:..:..Z"));
}

TEST_F(OciLife, KnowsItsConfigurationOnlyFromTheTimeOfItsCreation) {
  bundle.runs({"sh", "-c", "echo first >/which; exec sleep 100"});
  ASSERT_EQ(bundle.create("one").status, 0);
  bundle.runs({"sh", "-c", "echo second >/which"});
  ASSERT_EQ(bundle.oci({"start", "one"}).status, 0);
  const std::string which = bundle.path() + "/rootfs/which";
  const auto is_written = [&] { return fs::exists(which) && fs::file_size(which) > 0; };
  for (int i = 0; i < 1000 && !is_written(); ++i) std::this_thread::sleep_for(milliseconds{10});
  ASSERT_TRUE(is_written());
  EXPECT_EQ(read_file(which), "first\n");
}

TEST_F(OciLife, ListsContainersInBothForms) {
  Json config = plain_config({"sleep", "100"});
  config["annotations"] = {{"org.example.a", "b"}};
  bundle.write(config);
  ASSERT_EQ(bundle.create("one").status, 0);
  const Json list = Json::parse(bundle.oci({"list", "--format", "json"}).out);
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["id"], "one");
  EXPECT_EQ(list[0]["status"], "created");
  EXPECT_EQ(list[0]["annotations"]["org.example.a"], "b");
  EXPECT_THAT(bundle.oci({"list"}).out,
              testing::ContainsRegex("ID +PID +STATUS +BUNDLE +CREATED +OWNER\none +"));
  const Outcome processes = bundle.oci({"ps", "--format", "json", "one"});
  EXPECT_EQ(Json::parse(processes.out), Json::array({bundle.pid_of("one")})) << processes.err;
}

TEST_F(OciLife, OfARunIsThatOfItsCommand) {
  bundle.runs({"sh", "-c", "cat; echo to-stderr >&2; exit 7"});
  const Outcome outcome = bundle.oci({"run", "--bundle", bundle.path(), "one"}, {.stdin_text = "through\n"});
  EXPECT_EQ(outcome.status, 7) << outcome.err;
  EXPECT_EQ(outcome.out, "through\n");
  EXPECT_EQ(outcome.err, "to-stderr\n");
  EXPECT_TRUE(bundle.is_empty());
  bundle.runs({"sh", "-c", "kill -TERM $$"});
  EXPECT_EQ(bundle.oci({"run", "--bundle", bundle.path(), "--keep", "two"}).status, 0)
      << "PID 1 has no default for a signal of its own";
  EXPECT_EQ(bundle.status_of("two"), "stopped");
}

TEST_F(OciLife, OfARunThatIsLeftGoesOn) {
  bundle.runs({"sleep", "100"});
  const Outcome outcome = bundle.oci_left({"run", "-d", "--bundle", bundle.path(), "one"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(bundle.status_of("one"), "running");
  EXPECT_THAT(bundle.oci({"start", "one"}), RefusesWith("cannot start an already running container"));
}

TEST_F(OciLife, GoesByTheNameKelpOci) {
  const std::string link = bundle.place().link("kelp-oci", kelp_binary());
  const Outcome outcome = run({link, "--version"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out, testing::MatchesRegex("kelp-oci version [0-9.]+\nspec: 1\\.3\\.0\n"));
  EXPECT_EQ(run({link, "--root", bundle.state(), "list", "-q"}).status, 0);
}

}  // namespace
}  // namespace kelp::harness
