// SPDX-License-Identifier: Apache-2.0
// config.json as a whole: what every document must have, and the default one as a Spec.
#include <linux/mount.h>
#include <sys/resource.h>

#include "read_config.h"
#include "spec/check.h"

namespace kelp::oci {
namespace {

using testing::ElementsAre;

TEST(OciConfig, SaysWhereTheTextStopsBeingJson) {
  const Result<Config> config = read_config("{]", surroundings());
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().sentence(),
              testing::StartsWith("cannot read config.json: parse error at line 1, column 2"));
}

TEST(OciConfig, TellsEveryProblemWithItsPath) {
  EXPECT_THAT(
      refusals_of("{}"),
      ElementsAre("ociVersion: it is missing", "root: it is missing", "process: it is missing",
                  "linux.namespaces: there is no 'mount' among them, and kelp mounts in a mount namespace of "
                  "its own only"));
  EXPECT_THAT(refusals_of("[]"), ElementsAre("the top: it is no object"));
}

TEST(OciConfig, TakesEveryVersionOfTheFirstMajorOnly) {
  EXPECT_THAT(
      refusals_of(
          R"({"ociVersion": "0.5.0-dev", "root": {"path": "r"}, "process": {"cwd": "/", "args": ["a"]},
                            "linux": {"namespaces": [{"type": "mount"}]}})"),
      ElementsAre("ociVersion: '0.5.0-dev' is none of 1.x"));
  EXPECT_EQ(read({}).version, "1.3.0");
}

TEST(OciConfig, IgnoresWhatItDoesNotKnow) {
  EXPECT_EQ(read({.process = R"("novel": 1)", .linux = R"("novel": {})", .rest = R"("novel": [])"}),
            read({}));
}

}  // namespace
}  // namespace kelp::oci
