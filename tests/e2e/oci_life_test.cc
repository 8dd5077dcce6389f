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
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class OciLife : public testing::Test {
 protected:
  OciBundle bundle_;
};

// The pid file's text, once it is there.
std::string pid_in(const std::string& path) { return read_file(path); }

TEST_F(OciLife, GoesFromCreatedToRunningToStoppedToNothing) {
  bundle_.runs({"sh", "-c", "echo ran >/ran; exec sleep 100"});
  const Outcome created = bundle_.create("one", {"--pid-file", bundle_.place().path() + "/pid"});
  ASSERT_EQ(created.status, 0) << created.err;
  EXPECT_EQ(created.out + created.err, "");
  const Json state = bundle_.state_of("one");
  EXPECT_EQ(state["status"], "created");
  EXPECT_EQ(state["id"], "one");
  EXPECT_EQ(state["bundle"], bundle_.path());
  EXPECT_EQ(state["rootfs"], bundle_.path() + "/rootfs");
  EXPECT_EQ(state["ociVersion"], "1.3.0");
  EXPECT_EQ(pid_in(bundle_.place().path() + "/pid"), std::to_string(state["pid"].get<pid_t>()));
  EXPECT_FALSE(fs::exists(bundle_.path() + "/rootfs/ran")) << "the command has not begun";

  const Outcome started = bundle_.oci({"start", "one"});
  ASSERT_EQ(started.status, 0) << started.err;
  EXPECT_EQ(bundle_.status_of("one"), "running");
  EXPECT_EQ(bundle_.pid_of("one"), state["pid"]) << "the same process";
  const std::string proof = bundle_.path() + "/rootfs/ran";
  for (int i = 0; i < 1000 && !fs::exists(proof); ++i) std::this_thread::sleep_for(milliseconds{10});
  EXPECT_TRUE(fs::exists(proof));

  ASSERT_EQ(bundle_.oci({"kill", "one", "KILL"}).status, 0);
  EXPECT_EQ(bundle_.status_becomes("one", "stopped"), "stopped");
  EXPECT_EQ(bundle_.state_of("one")["pid"], 0);
  ASSERT_EQ(bundle_.oci({"delete", "one"}).status, 0);
  EXPECT_EQ(bundle_.status_of("one"), "none");
  EXPECT_TRUE(bundle_.is_empty());
}

TEST_F(OciLife, OfNoContainerIsAnErrorEverywhere) {
  for (const char* verb : {"state", "start", "kill", "delete", "pause", "resume", "ps", "events"})
    EXPECT_THAT(bundle_.oci({verb, "none"}), RefusesWith("container does not exist")) << verb;
  EXPECT_THAT(bundle_.oci({"state", "../none"}), RefusesWith("container does not exist"));
  EXPECT_EQ(bundle_.oci({"delete", "--force", "none"}).status, 0);
  EXPECT_EQ(bundle_.oci({"exec", "none", "true"}).status, 255);
}

TEST_F(OciLife, HasEachIdOnce) {
  bundle_.runs({"sleep", "100"});
  ASSERT_EQ(bundle_.create("one").status, 0);
  EXPECT_THAT(bundle_.create("one"), RefusesWith("create failed: container with given ID already exists"));
  EXPECT_EQ(bundle_.status_of("one"), "created") << "nothing has happened to it";
  EXPECT_EQ(bundle_.create("two").status, 0);
  EXPECT_EQ(bundle_.oci({"list", "-q"}).out, "one\ntwo\n");
  EXPECT_THAT(bundle_.create("a/b"), RefusesWith("create failed: invalid container ID format"));
  EXPECT_THAT(bundle_.create(""), RefusesWith("create failed: container id cannot be empty"));
}

TEST_F(OciLife, StartsOnce) {
  bundle_.runs({"sleep", "100"});
  ASSERT_EQ(bundle_.create("one").status, 0);
  ASSERT_EQ(bundle_.oci({"start", "one"}).status, 0);
  EXPECT_THAT(bundle_.oci({"start", "one"}), RefusesWith("cannot start an already running container"));
  EXPECT_EQ(bundle_.status_of("one"), "running");
  ASSERT_EQ(bundle_.oci({"kill", "one", "9"}).status, 0);
  ASSERT_EQ(bundle_.status_becomes("one", "stopped"), "stopped");
  EXPECT_THAT(bundle_.oci({"start", "one"}), RefusesWith("cannot start a container that has stopped"));
}

TEST_F(OciLife, EndsByDeleteOnlyWhereItHasEnded) {
  bundle_.runs({"sleep", "100"});
  ASSERT_EQ(bundle_.create("one").status, 0);
  ASSERT_EQ(bundle_.oci({"start", "one"}).status, 0);
  EXPECT_THAT(bundle_.oci({"delete", "one"}),
              RefusesWith("cannot delete container one that is not stopped: running"));
  EXPECT_EQ(bundle_.status_of("one"), "running");
  const pid_t pid = bundle_.pid_of("one");
  EXPECT_EQ(bundle_.oci({"delete", "--force", "one"}).status, 0);
  EXPECT_TRUE(bundle_.is_empty());
  EXPECT_TRUE(has_ended(pid)) << "its process has ended";
}

TEST_F(OciLife, OfOneThatWasNeverStartedIsDeletedAsRuncDoes) {
  bundle_.runs({"sleep", "100"});
  ASSERT_EQ(bundle_.create("one").status, 0);
  const pid_t pid = bundle_.pid_of("one");
  EXPECT_EQ(bundle_.oci({"delete", "one"}).status, 0);
  EXPECT_TRUE(bundle_.is_empty());
  EXPECT_TRUE(has_ended(pid));
}

TEST_F(OciLife, OfOneThatWaitsEndsByKill) {
  bundle_.runs({"sleep", "100"});
  ASSERT_EQ(bundle_.create("one").status, 0);
  EXPECT_THAT(bundle_.oci({"kill", "one", "BOGUS"}), RefusesWith("unknown signal \\\"BOGUS\\\""));
  ASSERT_EQ(bundle_.oci({"kill", "one", "SIGKILL"}).status, 0);
  EXPECT_EQ(bundle_.status_becomes("one", "stopped"), "stopped");
  EXPECT_THAT(bundle_.oci({"kill", "one", "KILL"}), RefusesWith("container not running"));
  EXPECT_EQ(bundle_.oci({"kill", "--all", "one", "KILL"}).status, 0) << "as runc has it";
}

TEST_F(OciLife, ACreateThatFailsLeavesNothing) {
  Json config = plain_config({"sleep", "100"});
  config["mounts"].push_back(
      {{"destination", "/x"}, {"type", "bind"}, {"source", "/no/such"}, {"options", {"bind"}}});
  bundle_.write(config);
  const Outcome outcome = bundle_.create("one");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("/no/such"));
  EXPECT_TRUE(bundle_.is_empty());
  bundle_.runs({"sleep", "100"});
  EXPECT_EQ(bundle_.create("one").status, 0) << "the id is free";
}

TEST_F(OciLife, ACommandThatIsNotThereIsAnErrorOfTheStart) {
  bundle_.runs({"/no/such/program"});
  const Outcome created = bundle_.create("one");
  const Outcome started = created.status == 0 ? bundle_.oci({"start", "one"}) : created;
  EXPECT_EQ(started.status, 1);
  EXPECT_THAT(started.err, AllOf(HasSubstr("/no/such/program"), HasSubstr("No such file or directory")));
}

TEST_F(OciLife, TellsErrorsToTheLogInTheFormThatEnginesRead) {
  const std::string log = bundle_.place().path() + "/log";
  const Outcome outcome = run({kelp_binary(), "oci", "--root", bundle_.state(), "--log", log, "--log-format",
                               "json", "state", "none"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "container does not exist\n");
  const Json line = Json::parse(read_file(log));
  EXPECT_EQ(line["level"], "error");
  EXPECT_EQ(line["msg"], "container does not exist");
  EXPECT_THAT(line["time"].get<std::string>(), testing::MatchesRegex("....-..-..T..:..:..Z"));
}

TEST_F(OciLife, KnowsItsConfigurationOnlyFromTheTimeOfItsCreation) {
  bundle_.runs({"sh", "-c", "echo first >/which; exec sleep 100"});
  ASSERT_EQ(bundle_.create("one").status, 0);
  bundle_.runs({"sh", "-c", "echo second >/which"});
  ASSERT_EQ(bundle_.oci({"start", "one"}).status, 0);
  const std::string which = bundle_.path() + "/rootfs/which";
  for (int i = 0; i < 1000 && !fs::exists(which); ++i) std::this_thread::sleep_for(milliseconds{10});
  EXPECT_EQ(read_file(which), "first\n");
}

TEST_F(OciLife, ListsContainersInBothForms) {
  Json config = plain_config({"sleep", "100"});
  config["annotations"] = {{"org.example.a", "b"}};
  bundle_.write(config);
  ASSERT_EQ(bundle_.create("one").status, 0);
  const Json list = Json::parse(bundle_.oci({"list", "--format", "json"}).out);
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["id"], "one");
  EXPECT_EQ(list[0]["status"], "created");
  EXPECT_EQ(list[0]["annotations"]["org.example.a"], "b");
  EXPECT_THAT(bundle_.oci({"list"}).out,
              testing::ContainsRegex("ID +PID +STATUS +BUNDLE +CREATED +OWNER\none +"));
  const Outcome processes = bundle_.oci({"ps", "--format", "json", "one"});
  EXPECT_EQ(Json::parse(processes.out), Json::array({bundle_.pid_of("one")})) << processes.err;
}

TEST_F(OciLife, OfARunIsThatOfItsCommand) {
  bundle_.runs({"sh", "-c", "cat; echo to-stderr >&2; exit 7"});
  const Outcome outcome =
      bundle_.oci({"run", "--bundle", bundle_.path(), "one"}, {.stdin_text = "through\n"});
  EXPECT_EQ(outcome.status, 7) << outcome.err;
  EXPECT_EQ(outcome.out, "through\n");
  EXPECT_EQ(outcome.err, "to-stderr\n");
  EXPECT_TRUE(bundle_.is_empty());
  bundle_.runs({"sh", "-c", "kill -TERM $$"});
  EXPECT_EQ(bundle_.oci({"run", "--bundle", bundle_.path(), "--keep", "two"}).status, 0)
      << "PID 1 has no default for a signal of its own";
  EXPECT_EQ(bundle_.status_of("two"), "stopped");
}

TEST_F(OciLife, OfARunThatIsLeftGoesOn) {
  bundle_.runs({"sleep", "100"});
  const Outcome outcome = bundle_.oci_left({"run", "-d", "--bundle", bundle_.path(), "one"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(bundle_.status_of("one"), "running");
  EXPECT_THAT(bundle_.oci({"start", "one"}), RefusesWith("cannot start an already running container"));
}

TEST_F(OciLife, GoesByTheNameKelpOci) {
  const std::string link = bundle_.place().link("kelp-oci", kelp_binary());
  const Outcome outcome = run({link, "--version"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out, testing::MatchesRegex("kelp-oci version [0-9.]+\nspec: 1\\.3\\.0\n"));
  EXPECT_EQ(run({link, "--root", bundle_.state(), "list", "-q"}).status, 0);
}

}  // namespace
}  // namespace kelp::harness
