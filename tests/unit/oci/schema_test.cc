// SPDX-License-Identifier: Apache-2.0
// The test configurations of the specification's own schemas (schema/test/config), and what kelp makes of
// them. Most are fragments: what they lack is refused, and their point is read or refused as it should be.
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "read_config.h"

namespace kelp::oci {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

std::string content(std::string_view name) {
  // The runner's copy of the sources, which any user may read.
  const char* const sources = std::getenv("KELP_SOURCE_DIR");
  std::ifstream file(cat(sources != nullptr ? sources : ".", "/tests/unit/oci/data/", name));
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

constexpr const char* kNoMount =
    "linux.namespaces: there is no 'mount' among them, and kelp mounts in a mount namespace of its own only";
constexpr const char* kNoProcess = "process: it is missing";

TEST(OciSchemaConfigs, OfOtherSystemsLackWhatLinuxNeeds) {
  for (const char* name :
       {"good/freebsd-minimal.json", "good/zos-minimal.json", "bad/freebsd-vnet-disable.json",
        "good/linux-netdevice.json", "good/linux-rdma.json", "good/minimal.json"}) {
    const std::vector<std::string> found = refusals_of(content(name));
    EXPECT_THAT(found, Contains(kNoProcess)) << name;
    EXPECT_THAT(found, Contains(kNoMount)) << name;
    EXPECT_THAT(found, testing::SizeIs(2)) << name << ": " << found.back();
  }
  EXPECT_THAT(refusals_of(content("good/minimal-for-start.json")), ElementsAre(kNoMount));
}

TEST(OciSchemaConfigs, ThatAreWrongAreRefusedByTheirPath) {
  EXPECT_THAT(refusals_of(content("bad/invalid-json.json")), ElementsAre(HasSubstr("parse error at line 1")));
  EXPECT_THAT(
      refusals_of(content("bad/linux-hugepage.json")),
      Contains("linux.resources.hugepageLimits[0].pageSize: '64kB' is not written as 64KB, 2MB or 1GB"));
  EXPECT_THAT(refusals_of(content("bad/linux-netdevice.json")),
              Contains("linux.netDevices.eth0.name: it is no text"));
  EXPECT_THAT(refusals_of(content("bad/linux-rdma.json")),
              Contains("linux.resources.rdma.mlx5_1.hcaHandles: it is no whole number from 0 on"));
}

// Valid by the schema, and for a machine that has cgroups of version 1 and both security modules.
TEST(OciSchemaConfigs, TheWholeExampleIsRefusedForWhatVersionTwoLacksAlone) {
  Surroundings around = roots();
  around.has_apparmor = around.has_selinux = [] { return true; };
  EXPECT_THAT(
      refusals_of(content("good/spec-example.json"), around),
      ElementsAre("ociVersion: '0.5.0-dev' is none of 1.x",
                  "linux.resources.memory.swappiness: cgroup version 2 has no such setting",
                  "linux.resources.cpu.realtimeRuntime: cgroup version 2 has no such limit",
                  "linux.resources.cpu.realtimePeriod: cgroup version 2 has no such limit",
                  "linux.resources.blockIO.leafWeight: cgroup version 2 has no such weight",
                  "linux.resources.blockIO.weightDevice[0].leafWeight: cgroup version 2 has no such weight",
                  "linux.resources.network.classID: cgroup version 2 has no such setting",
                  "linux.resources.network.priorities: cgroup version 2 has no such setting"));
}

}  // namespace
}  // namespace kelp::oci
