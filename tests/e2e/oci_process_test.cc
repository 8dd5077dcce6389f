// SPDX-License-Identifier: Apache-2.0
// What process of config.json says of the command, and what the container itself tells of it.
#include "oci_bundle.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;
using testing::Not;

class OciProcess : public testing::Test {
 protected:
  Outcome runs(const Json& config, Argv options = {}) const {
    bundle.write(config);
    options.insert(options.end(), {"run", "--bundle", bundle.path(), "one"});
    return bundle.oci(std::move(options));
  }
  OciBundle bundle;
};

TEST_F(OciProcess, HasTheHomeThatTheContainerSaysWhereItHasNone) {
  Json config = plain_config({"sh", "-c", "echo $HOME; set | grep ^USER="});
  EXPECT_EQ(runs(config).out, "/root\n");
  config["process"]["env"].push_back("HOME=/elsewhere");
  EXPECT_EQ(runs(config).out, "/elsewhere\n");
  config["process"]["env"] = {"PATH=/bin", "HOME="};
  EXPECT_EQ(runs(config).out, "\n") << "what is empty is said all the same";
}

TEST_F(OciProcess, HasTheRootAsHomeWhereTheContainerDoesNotKnowItsUser) {
  bundle.place().file("bundle/rootfs/etc/passwd", "somebody:x:7:7::/nowhere:/bin/sh\n");
  EXPECT_EQ(runs(plain_config({"sh", "-c", "echo $HOME"})).out, "/\n");
}

TEST_F(OciProcess, HasItsGroupsOrItIsToldThatTheyAreLeftOut) {
  Json config = plain_config({"id", "-G"});
  config["process"]["user"]["additionalGids"] = {7, 9};
  const Outcome outcome = runs(config, {"--debug"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const std::string told = "process.user.additionalGids: left out, and the caller's stay";
  if (is_one_of({"noranges"})) {
    EXPECT_THAT(outcome.err, HasSubstr(told));
  } else {
    EXPECT_EQ(outcome.out, "0 7 9\n");
    EXPECT_THAT(outcome.err, Not(HasSubstr(told)));
  }
}

TEST_F(OciProcess, HasClocksThatAreShiftedToTheNanosecond) {
  Json config = plain_config({"cat", "/proc/self/timens_offsets"});
  config["linux"]["namespaces"].push_back({{"type", "time"}});
  config["linux"]["timeOffsets"] = {{"monotonic", {{"secs", 3}, {"nanosecs", 999999999}}},
                                    {"boottime", {{"secs", 5}}}};
  const Outcome outcome = runs(config);
  EXPECT_THAT(outcome.out, HasSubstr("3 999999999\n")) << outcome.err;
  EXPECT_THAT(outcome.out, testing::ContainsRegex("boottime +5 +0\n"));
}

TEST_F(OciProcess, SharesTheMountOfItsRootAloneUnlessAllAreMeant) {
  Json config = plain_config({"cat", "/proc/self/mountinfo"});
  const auto shared = [&](const char* word) {
    config["linux"]["rootfsPropagation"] = word;
    const std::string lines = runs(config).out;
    std::size_t count = 0;
    for (std::size_t at = 0; (at = lines.find(" shared:", at)) != std::string::npos; ++at) ++count;
    return count;
  };
  EXPECT_EQ(shared("shared"), 1U);
  EXPECT_GE(shared("rshared"), 4U);
  EXPECT_EQ(shared("private"), 0U);
}

TEST_F(OciProcess, HasNoLabelsOfAModuleThatTheMachineHasNot) {
  Json config = plain_config({"true"});
  KELP_REQUIRE(!std::filesystem::exists("/sys/module/apparmor"), "this machine has AppArmor");
  config["process"]["apparmorProfile"] = "no-such-profile";
  const Outcome outcome = runs(config);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("process.apparmorProfile: this machine has no AppArmor"));
}

}  // namespace
}  // namespace kelp::harness
