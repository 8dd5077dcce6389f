// SPDX-License-Identifier: Apache-2.0
// Hooks of a container: when each kind is run, with which state, and what a failure does (config.md,
// "POSIX-platform Hooks").
#include <fstream>

#include "oci_bundle.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class OciHooks : public testing::Test {
 protected:
  // A hook that adds its name, the status and the pid that it was told to a file of the machine's.
  Json noting(const std::string& name) const {
    const std::string script = "state=$(cat); printf '%s %s\\n' '" + name + "' \"$state\" >>" + notes();
    return {{"path", "/bin/sh"}, {"args", {"sh", "-c", script}}, {"env", {"PATH=/usr/bin:/bin"}}};
  }
  std::string notes() const { return bundle.place().path() + "/notes"; }
  struct Note {
    std::string name;
    Json state;
  };
  std::vector<Note> noted() const {
    std::vector<Note> all;
    std::ifstream file(notes());
    for (std::string line; std::getline(file, line);) {
      const std::size_t space = line.find(' ');
      all.push_back({line.substr(0, space), Json::parse(line.substr(space + 1))});
    }
    return all;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const Note& note : noted()) names.push_back(note.name);
    return names;
  }
  OciBundle bundle;
};

TEST_F(OciHooks, AreRunInTheirOrderWithTheStateOfTheirTime) {
  Json config = plain_config({"sleep", "100"});
  config["annotations"] = {{"a", "b"}};
  for (const char* kind : {"prestart", "createRuntime", "poststart", "poststop"})
    config["hooks"][kind] = {noting(std::string(kind) + "1"), noting(std::string(kind) + "2")};
  bundle.write(config);
  const Outcome created = bundle.create("one");
  ASSERT_EQ(created.status, 0) << created.err;
  EXPECT_THAT(names(), ElementsAre("prestart1", "prestart2", "createRuntime1", "createRuntime2"));
  const pid_t pid = bundle.pid_of("one");
  const Outcome started = bundle.oci({"start", "one"});
  ASSERT_EQ(started.status, 0) << started.err;
  EXPECT_THAT(names(), ElementsAre("prestart1", "prestart2", "createRuntime1", "createRuntime2", "poststart1",
                                   "poststart2"));
  ASSERT_EQ(bundle.oci({"kill", "one", "KILL"}).status, 0);
  ASSERT_EQ(bundle.status_becomes("one", "stopped"), "stopped");
  EXPECT_EQ(names().size(), 6U) << "poststop is for the deletion";
  ASSERT_EQ(bundle.oci({"delete", "one"}).status, 0);
  const std::vector<Note> all = noted();
  ASSERT_EQ(all.size(), 8U);
  const char* const statuses[] = {"creating", "creating", "creating", "creating",
                                  "running",  "running",  "stopped",  "stopped"};
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].state["status"], statuses[i]) << all[i].name;
    EXPECT_EQ(all[i].state["id"], "one");
    EXPECT_EQ(all[i].state["bundle"], bundle.path());
    EXPECT_EQ(all[i].state["annotations"]["a"], "b");
    if (i < 6) {
      EXPECT_EQ(all[i].state["pid"], pid) << all[i].name;
    }
  }
}

TEST_F(OciHooks, ThatFailBeforeTheCommandEndTheCreation) {
  Json config = plain_config({"sleep", "100"});
  config["hooks"]["createRuntime"] = {{{"path", "/bin/sh"}, {"args", {"sh", "-c", "echo why >&2; exit 3"}}}};
  bundle.write(config);
  const Outcome outcome = bundle.create("one");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("/bin/sh"));
  EXPECT_TRUE(bundle.is_empty());
}

TEST_F(OciHooks, ThatFailAfterTheStartEndTheContainer) {
  Json config = plain_config({"sleep", "100"});
  config["hooks"]["poststart"] = {{{"path", "/bin/false"}}, noting("never")};
  bundle.write(config);
  ASSERT_EQ(bundle.create("one").status, 0);
  const Outcome started = bundle.oci({"start", "one"});
  EXPECT_EQ(started.status, 1);
  EXPECT_THAT(started.err, HasSubstr("hooks.poststart[0]"));
  EXPECT_EQ(bundle.status_becomes("one", "stopped"), "stopped");
  EXPECT_FALSE(fs::exists(notes()));
}

TEST_F(OciHooks, ThatFailAfterTheEndHinderNothing) {
  Json config = plain_config({"true"});
  config["hooks"]["poststop"] = {{{"path", "/bin/false"}}, noting("after")};
  bundle.write(config);
  const Outcome outcome = bundle.oci({"run", "--bundle", bundle.path(), "one"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("level=warning"));
  EXPECT_THAT(names(), ElementsAre("after"));
  EXPECT_TRUE(bundle.is_empty());
}

TEST_F(OciHooks, MayAskForTheStateOfTheirContainer) {
  Json config = plain_config({"sleep", "100"});
  const std::string script = kelp_binary() + " oci --root " + bundle.state() + " state one >" + notes();
  config["hooks"]["createRuntime"] = {{{"path", "/bin/sh"}, {"args", {"sh", "-c", script}}}};
  bundle.write(config);
  const Outcome created = bundle.create("one");
  ASSERT_EQ(created.status, 0) << created.err;
  EXPECT_EQ(Json::parse(read_file(notes()))["status"], "creating");
}

}  // namespace
}  // namespace kelp::harness
