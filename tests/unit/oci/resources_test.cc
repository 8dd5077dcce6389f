// SPDX-License-Identifier: Apache-2.0
// linux.resources and linux.cgroupsPath in the terms of cgroup version 2.
#include "oci/resources.h"

#include "read_config.h"

namespace kelp::oci {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// "FILE=VALUE", with the other file behind a bar.
std::vector<std::string> files(std::string_view resources) {
  const Result<CgroupSettings> settings = read_resources_document(resources);
  EXPECT_TRUE(settings) << (settings ? "" : settings.error().sentence());
  std::vector<std::string> out;
  if (!settings) return out;
  for (const CgroupFile& one : settings->files) {
    out.push_back(cat(one.file, "=", one.value));
    if (!one.else_file.empty()) out.back() += cat("|", one.else_file, "=", one.else_value);
  }
  return out;
}
std::vector<std::string> refused(std::string_view resources) {
  return refusals({.linux = cat(R"("resources": )", resources)});
}

TEST(OciResources, SwapIsCountedAlone) {
  EXPECT_THAT(files(R"({"memory": {"limit": 100, "swap": 150, "reservation": 50}})"),
              ElementsAre("memory.max=100", "memory.swap.max=50", "memory.low=50"));
  EXPECT_THAT(files(R"({"memory": {"limit": 100, "swap": 100}})"),
              ElementsAre("memory.max=100", "memory.swap.max=0"));
  EXPECT_THAT(files(R"({"memory": {"limit": 100, "swap": -1}})"),
              ElementsAre("memory.max=100", "memory.swap.max=max"));
  EXPECT_THAT(files(R"({"memory": {"limit": -1}})"), ElementsAre("memory.max=max", "memory.swap.max=max"));
  EXPECT_THAT(files(R"({"memory": {"limit": 0, "kernel": -1, "disableOOMKiller": false}})"), IsEmpty());
  EXPECT_THAT(
      refused(R"({"memory": {"limit": 100, "swap": 99}})"),
      ElementsAre("linux.resources.memory.swap: 99 is less than the limit of memory, which it contains"));
  EXPECT_THAT(
      refused(R"({"memory": {"swap": 99}})"),
      ElementsAre("linux.resources.memory.swap: it counts memory too, and there is no limit of that"));
}

TEST(OciResources, RefuseWhatVersionTwoLacks) {
  EXPECT_THAT(refused(R"({"memory": {"kernel": 5, "kernelTCP": 5, "swappiness": 0, "disableOOMKiller": true},
      "cpu": {"realtimeRuntime": 1, "realtimePeriod": 1}, "blockIO": {"leafWeight": 10},
      "network": {"classID": 1, "priorities": [{"name": "a", "priority": 1}]}})"),
              ElementsAre("linux.resources.memory.kernel: cgroup version 2 has no such limit",
                          "linux.resources.memory.kernelTCP: cgroup version 2 has no such limit",
                          "linux.resources.memory.swappiness: cgroup version 2 has no such setting",
                          "linux.resources.memory.disableOOMKiller: cgroup version 2 cannot switch it off",
                          "linux.resources.cpu.realtimeRuntime: cgroup version 2 has no such limit",
                          "linux.resources.cpu.realtimePeriod: cgroup version 2 has no such limit",
                          "linux.resources.blockIO.leafWeight: cgroup version 2 has no such weight",
                          "linux.resources.network.classID: cgroup version 2 has no such setting",
                          "linux.resources.network.priorities: cgroup version 2 has no such setting"));
}

TEST(OciResources, SharesBecomeWeights) {
  EXPECT_THAT(files(R"({"cpu": {"shares": 2}})"), ElementsAre("cpu.weight=1"));
  EXPECT_THAT(files(R"({"cpu": {"shares": 1024}})"), ElementsAre("cpu.weight=39"));
  EXPECT_THAT(files(R"({"cpu": {"shares": 262144}})"), ElementsAre("cpu.weight=10000"));
  EXPECT_THAT(files(R"({"cpu": {"shares": 1}})"), ElementsAre("cpu.weight=1"));
  EXPECT_THAT(files(R"({"cpu": {"shares": 18446744073709551615}})"), ElementsAre("cpu.weight=10000"));
  EXPECT_THAT(files(R"({"cpu": {"shares": 0}})"), IsEmpty());
}

TEST(OciResources, CpuTimeIsAQuotaOfAPeriod) {
  EXPECT_THAT(
      files(
          R"({"cpu": {"quota": 50000, "period": 200000, "burst": 10, "idle": 0, "cpus": "0-1", "mems": "0"}})"),
      ElementsAre("cpu.idle=0", "cpu.max=50000 200000", "cpu.max.burst=10", "cpuset.cpus=0-1",
                  "cpuset.mems=0"));
  EXPECT_THAT(files(R"({"cpu": {"quota": 50000}})"), ElementsAre("cpu.max=50000 100000"));
  EXPECT_THAT(files(R"({"cpu": {"quota": -1, "period": 5000}})"), ElementsAre("cpu.max=max 5000"));
  EXPECT_THAT(files(R"({"cpu": {"shares": 5, "idle": 1}})"), ElementsAre("cpu.idle=1"));
  EXPECT_THAT(refused(R"({"cpu": {"quota": 5, "burst": 6, "idle": 2, "cpus": "a", "mems": "5000"}})"),
              ElementsAre("linux.resources.cpu.idle: 2 is more than 1",
                          "linux.resources.cpu.burst: 6 is more than the quota",
                          "linux.resources.cpu.cpus: 'a' is no list of numbers",
                          "linux.resources.cpu.mems: '5000' is no list of numbers"));
}

TEST(OciResources, PidsHugePagesAndRdma) {
  EXPECT_THAT(files(R"({"pids": {"limit": 7}})"), ElementsAre("pids.max=7"));
  EXPECT_THAT(files(R"({"pids": {"limit": -1}})"), ElementsAre("pids.max=max"));
  EXPECT_THAT(files(R"({"pids": {"limit": 0}})"), IsEmpty());
  EXPECT_THAT(files(R"({"hugepageLimits": [{"pageSize": "2MB", "limit": 5}]})"),
              ElementsAre("hugetlb.2MB.rsvd.max=5|hugetlb.2MB.max=5"));
  EXPECT_THAT(files(R"({"rdma": {"mlx5_1": {"hcaHandles": 3, "hcaObjects": 10}}})"),
              ElementsAre("rdma.max=mlx5_1 hca_handle=3 hca_object=10"));
  EXPECT_THAT(
      refused(R"({"pids": {}, "hugepageLimits": [{"pageSize": "64kB", "limit": 1}, {"pageSize": "0MB"}],
      "rdma": {"a b": {"hcaHandles": 1}, "c": {}}})"),
      ElementsAre("linux.resources.pids.limit: it is missing",
                  "linux.resources.hugepageLimits[0].pageSize: '64kB' is not written as 64KB, 2MB or 1GB",
                  "linux.resources.hugepageLimits[1].limit: it is missing",
                  "linux.resources.hugepageLimits[1].pageSize: '0MB' is not written as 64KB, 2MB or 1GB",
                  "linux.resources.rdma.a b: there is a blank in the name",
                  "linux.resources.rdma.c: it has neither hcaHandles nor hcaObjects"));
}

TEST(OciResources, BlockDevicesHaveWeightsAndRates) {
  EXPECT_THAT(files(R"({"blockIO": {"weight": 10, "weightDevice": [{"major": 8, "minor": 0, "weight": 1000}],
      "throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 600}],
      "throttleWriteBpsDevice": [{"major": 8, "minor": 1, "rate": 0}],
      "throttleReadIOPSDevice": [{"major": 8, "minor": 2, "rate": 1}],
      "throttleWriteIOPSDevice": [{"major": 8, "minor": 16, "rate": 300}]}})"),
              ElementsAre("io.bfq.weight=10|io.weight=default 1",
                          "io.bfq.weight=8:0 1000|io.weight=8:0 10000", "io.max=8:0 rbps=600",
                          "io.max=8:1 wbps=max", "io.max=8:2 riops=1", "io.max=8:16 wiops=300"));
  EXPECT_THAT(refused(R"({"blockIO": {"weight": 9, "weightDevice": [{"minor": 0, "weight": 1001}],
      "throttleReadBpsDevice": [{"major": 8, "minor": 0}]}})"),
              ElementsAre("linux.resources.blockIO.weight: 9 is less than 10",
                          "linux.resources.blockIO.weightDevice[0].major: it is missing",
                          "linux.resources.blockIO.weightDevice[0].weight: 1001 is more than 1000",
                          "linux.resources.blockIO.throttleReadBpsDevice[0].rate: it is missing"));
}

TEST(OciResources, FilesByTheirOwnNameComeLast) {
  EXPECT_THAT(
      files(R"({"unified": {"io.max": "8:0 rbps=1\n8:1 rbps=2", "memory.high": "9", "novel.file": "x"},
      "memory": {"limit": 5}})"),
      ElementsAre("memory.max=5", "io.max=8:0 rbps=1", "io.max=8:1 rbps=2", "memory.high=9", "novel.file=x"));
  EXPECT_THAT(
      refused(R"({"unified": {"../x.y": "1", "memory": "1", "cgroup.procs": "1", ".max": "1", "a.": "1",
      "pids.max": 5}})"),
      testing::UnorderedElementsAre(
          "linux.resources.unified.../x.y: a file of the cgroup has no '/' in its name",
          "linux.resources.unified.memory: it is not named CONTROLLER.SETTING",
          "linux.resources.unified.cgroup.procs: it would move processes",
          "linux.resources.unified..max: it is not named CONTROLLER.SETTING",
          "linux.resources.unified.a.: it is not named CONTROLLER.SETTING",
          "linux.resources.unified.pids.max: it is no text"));
}

TEST(OciResources, DeviceRulesEndWithWhatEveryContainerHas) {
  const Result<CgroupSettings> settings = read_resources_document(
      R"({"devices": [{"allow": false}, {"allow": true, "type": "c", "major": 10, "minor": 229, "access": "rw"}]})");
  ASSERT_TRUE(settings);
  ASSERT_THAT(settings->devices, SizeIs(12));
  EXPECT_EQ(settings->devices[0], DeviceRule{});
  EXPECT_EQ(settings->devices[1],
            (DeviceRule{.allow = true, .type = 'c', .major = 10, .minor = 229, .access = "rw"}));
  EXPECT_EQ(settings->devices[4], (DeviceRule{.allow = true, .type = 'c', .major = 1, .minor = 3}));
  EXPECT_THAT(read_resources_document("{}")->devices, IsEmpty());
  EXPECT_THAT(refused(R"({"devices": [{"type": "p", "access": "x", "major": -2}]})"),
              ElementsAre("linux.resources.devices[0].allow: it is missing",
                          "linux.resources.devices[0].type: 'p' is none of a, b and c",
                          "linux.resources.devices[0].major: -2 is less than -1",
                          "linux.resources.devices[0].access: 'x' is not made of r, w and m"));
}

ManagedCgroup cgroup(CgroupManager manager, const std::string& linux) {
  Surroundings around = surroundings();
  around.cgroup_manager = manager;
  return read({.linux = linux}, around).spec.managed_cgroup.value_or(ManagedCgroup{});
}

TEST(OciCgroup, IsNamedAsItsManagerNamesIt) {
  EXPECT_EQ(cgroup(CgroupManager::kFiles, R"("cgroupsPath": "/a/b")").path, "/a/b");
  const ManagedCgroup scope = cgroup(CgroupManager::kSystemd, R"("cgroupsPath": "user.slice:libpod:abc")");
  EXPECT_EQ(scope.slice, "user.slice");
  EXPECT_EQ(scope.unit, "libpod-abc.scope");
  EXPECT_EQ(cgroup(CgroupManager::kSystemd, R"("cgroupsPath": "::abc")").unit, "abc.scope");
  EXPECT_EQ(cgroup(CgroupManager::kSystemd, R"("cgroupsPath": ":x:abc.slice")").unit, "abc.slice");
  EXPECT_EQ(cgroup(CgroupManager::kSystemd, R"("hooks": {})").unit, "kelp-c1.scope");
  Surroundings around = surroundings();
  EXPECT_THAT(refusals({.linux = R"("cgroupsPath": "/a/../b")"}, around),
              ElementsAre("linux.cgroupsPath: there is a '..' in '/a/../b'"));
  around.cgroup_manager = CgroupManager::kSystemd;
  EXPECT_THAT(
      refusals({.linux = R"("cgroupsPath": "/a/b")"}, around),
      ElementsAre("linux.cgroupsPath: '/a/b' is not SLICE:PREFIX:NAME, as the systemd manager needs it"));
}

TEST(OciCgroup, HasNoFilesWhereNobodyManagesOne) {
  const std::string linux = R"("resources": {"memory": {"limit": 5}, "devices": [{"allow": false}]})";
  EXPECT_THAT(cgroup(CgroupManager::kFiles, linux).files,
              ElementsAre(CgroupFile{.file = "memory.max", .value = "5"}));
  EXPECT_EQ(cgroup(CgroupManager::kNone, linux).files, std::vector<CgroupFile>{});
  EXPECT_EQ(cgroup(CgroupManager::kNone, linux).devices, std::vector<DeviceRule>{});
}

TEST(OciCgroup, IsTheContainersWhereItIsMountedWritable) {
  const auto delegated = [](std::string_view options, const char* namespaces) {
    return read({.rest = cat(R"("mounts": [{"destination": "/sys/fs/cgroup", "type": "cgroup", "options": [)",
                             options, "]}]"),
                 .namespaces = namespaces})
        .spec.managed_cgroup->is_delegated;
  };
  constexpr const char* kOwn = R"([{"type": "mount"}, {"type": "cgroup"}])";
  EXPECT_TRUE(delegated(R"("rw")", kOwn));
  EXPECT_FALSE(delegated(R"("ro")", kOwn));
  EXPECT_FALSE(delegated(R"("rw")", R"([{"type": "mount"}])"));
}

}  // namespace
}  // namespace kelp::oci
