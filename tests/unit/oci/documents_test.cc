// SPDX-License-Identifier: Apache-2.0
// The documents that kelp-oci writes: state, features, and a config.json to begin with.
#include "oci/documents.h"

#include <nlohmann/json.hpp>

#include "oci/mount_options.h"
#include "oci/state.h"
#include "read_config.h"
#include "spec/check.h"

namespace kelp::oci {
namespace {

using testing::SizeIs;

TEST(OciState, IsTheSpecificationsDocument) {
  EXPECT_EQ(state_document({.version = "1.0.2", .id = "a", .status = "stopped", .pid = 0, .bundle = "/b"}),
            R"({"ociVersion":"1.0.2","id":"a","status":"stopped","pid":0,"bundle":"/b"})");
  // Bytes of a path that are no UTF-8 do not spoil it.
  const std::string odd = state_document({.version = "1", .id = "a", .status = "s", .bundle = "/\xff\n"});
  EXPECT_TRUE(nlohmann::json::accept(odd)) << odd;
}

TEST(OciFeatures, ListsWhatConfigurationsMaySay) {
  const auto document = nlohmann::json::parse(features_document({.version = "9.9", .has_systemd = false}));
  EXPECT_EQ(document["ociVersionMax"], kVersion);
  EXPECT_THAT(document["mountOptions"], SizeIs(mount_option_names().size()));
  EXPECT_EQ(document["annotations"]["io.kelp.version"], "9.9");
  const auto& part = document["linux"];
  EXPECT_EQ(part["cgroup"]["systemd"], false);
  EXPECT_THAT(part["capabilities"], SizeIs(41));
  // Each name that it tells is taken.
  for (const std::string name : part["capabilities"]) {
    EXPECT_THAT(read({.process = cat(R"("capabilities": {"bounding": [")", name, R"("]})")}).warnings,
                SizeIs(0))
        << name;
  }
  for (const std::string kind : part["namespaces"]) {
    if (kind == "mount") continue;
    read({.namespaces = cat(R"([{"type": "mount"}, {"type": ")", kind, R"("}])")});
  }
  for (const std::string name : part["seccomp"]["archs"])
    read({.linux =
              cat(R"("seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "architectures": [")", name, R"("]})")});
  for (const std::string name : part["seccomp"]["supportedFlags"])
    read({.linux = cat(R"("seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "flags": [")", name, R"("]})")});
  for (const std::string name : part["memoryPolicy"]["modes"])
    read({.linux = cat(R"("memoryPolicy": {"mode": ")", name, R"("})")});
}

TEST(OciDefaultConfig, IsReadAndMakesSense) {
  for (const bool is_rootless : {false, true}) {
    const Result<Config> config =
        read_config(default_config({.is_rootless = is_rootless, .user = 1000, .group = 100}),
                    is_rootless ? surroundings() : roots());
    ASSERT_TRUE(config) << config.error().sentence();
    EXPECT_EQ(config->version, kVersion);
    EXPECT_THAT(config->warnings, SizeIs(0));
    const Result<CheckedSpec> checked = check(config->spec);
    EXPECT_TRUE(checked) << checked.error().sentence();
    EXPECT_EQ(std::holds_alternative<OwnIds>(config->spec.ids.map), !is_rootless);
  }
}

}  // namespace
}  // namespace kelp::oci
