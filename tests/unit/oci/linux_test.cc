// SPDX-License-Identifier: Apache-2.0
// linux of config.json: namespaces, ids, settings of the kernel, seccomp; and hooks and annotations.
#include <linux/seccomp.h>

#include "read_config.h"

namespace kelp::oci {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

TEST(OciNamespaces, AreNewOrJoined) {
  const Spec spec = read({.namespaces = R"([{"type": "mount"}, {"type": "network", "path": "/run/netns/a"},
      {"type": "uts"}, {"type": "ipc"}, {"type": "cgroup"}, {"type": "time"}, {"type": "pid", "path": ""}])"})
                        .spec;
  for (const Namespace kind :
       {Namespace::kUts, Namespace::kIpc, Namespace::kCgroup, Namespace::kTime, Namespace::kPid})
    EXPECT_TRUE(spec.new_namespaces.has(kind)) << namespace_name(kind);
  EXPECT_FALSE(spec.new_namespaces.has(Namespace::kNetwork));
  EXPECT_THAT(spec.joined_namespaces,
              ElementsAre(JoinedNamespace{.kind = Namespace::kNetwork, .path = "/run/netns/a"}));
  EXPECT_FALSE(spec.loopback_up);
  EXPECT_TRUE(read({.namespaces = R"([{"type": "mount"}, {"type": "network"}])"}).spec.loopback_up);
}

TEST(OciNamespaces, RefuseWhatIsNone) {
  EXPECT_THAT(
      refusals({.namespaces = R"([{"type": "mount", "path": "/m"}, {"type": "mnt"}, {"type": "pid"},
      {"type": "pid"}, {"path": "x"}, {"type": "ipc", "path": "x"}])"}),
      ElementsAre("linux.namespaces[0].path: kelp mounts in a mount namespace of its own only",
                  "linux.namespaces[1].type: 'mnt' is no kind of namespace",
                  "linux.namespaces[3].type: 'pid' comes twice", "linux.namespaces[4].type: it is missing",
                  "linux.namespaces[5].path: 'x' is not absolute"));
  EXPECT_THAT(
      refusals({.namespaces = "{}"}),
      ElementsAre("linux.namespaces: it is no list",
                  "linux.namespaces: there is no 'mount' among them, and kelp mounts in a mount namespace of "
                  "its own only"));
}

constexpr std::string_view kMaps = R"("uidMappings": [{"containerID": 0, "hostID": 1000, "size": 1}],
    "gidMappings": [{"containerID": 0, "hostID": 100, "size": 1}])";

TEST(OciIds, AddAUserNamespaceForWhoHasNoRights) {
  EXPECT_EQ(read({}).spec.ids.map, (decltype(Ids::map){AutoIds{}}));
  EXPECT_EQ(read({}, roots()).spec.ids.map, (decltype(Ids::map){OwnIds{}}));
  const decltype(Ids::map) mapped = ExplicitIds{.users = {{.host = 1000}}, .groups = {{.host = 100}}};
  EXPECT_EQ(read({.linux = std::string(kMaps)}).spec.ids.map, mapped);
  const std::string named = R"([{"type": "mount"}, {"type": "user"}])";
  EXPECT_EQ(read({.linux = std::string(kMaps), .namespaces = named}, roots()).spec.ids.map, mapped);
  const Spec joined = read({.namespaces = R"([{"type": "mount"}, {"type": "user", "path": "/u"}])"}).spec;
  EXPECT_EQ(joined.ids.map, (decltype(Ids::map){OwnIds{}}));
  EXPECT_THAT(joined.joined_namespaces, SizeIs(1));
}

TEST(OciIds, RefuseMapsThatNothingHas) {
  EXPECT_THAT(refusals({.linux = std::string(kMaps)}, roots()),
              ElementsAre("linux.uidMappings: linux.namespaces has no 'user', and nothing is mapped"));
  EXPECT_THAT(refusals({.linux = R"("uidMappings": [{"containerID": 0, "size": 4294967296}])"}),
              ElementsAre("linux.uidMappings[0].hostID: it is missing",
                          "linux.uidMappings[0].size: 4294967296 is more than 4294967295",
                          "linux.gidMappings: it is missing beside uidMappings"));
}

TEST(OciLinux, ShiftsTheClocks) {
  const std::string own = R"([{"type": "mount"}, {"type": "time"}])";
  EXPECT_EQ(
      read({.linux = R"("timeOffsets": {"monotonic": {"secs": -2}, "boottime": {"secs": 3, "nanosecs": 7}})",
            .namespaces = own})
          .spec.time_offsets,
      (TimeOffsets{.monotonic_s = -2, .boottime_s = 3, .boottime_ns = 7}));
  EXPECT_THAT(
      refusals({.linux = R"("timeOffsets": {"monotonic": {"nanosecs": 1000000000}, "realtime": {}})",
                .namespaces = own}),
      ElementsAre("linux.timeOffsets.monotonic.nanosecs: 1000000000 is more than 999999999",
                  "linux.timeOffsets.realtime: the clocks that can be shifted are monotonic and boottime"));
}

constexpr const char* kEvery =
    R"([{"type": "mount"}, {"type": "network"}, {"type": "ipc"}, {"type": "uts"}])";

TEST(OciSysctl, TakesWhatANamespaceHasForItself) {
  EXPECT_THAT(read({.linux = R"("sysctl": {"net.ipv4.ip_forward": "1", "net/ipv4/conf/eth0.7/forwarding": "0",
      "kernel.sem": "1\t2", "fs.mqueue.msg_max": "5", "kernel.domainname": "d"})",
                    .namespaces = kEvery})
                  .spec.sysctls,
              testing::UnorderedElementsAre(Sysctl{.name = "net.ipv4.ip_forward", .value = "1"},
                                            Sysctl{.name = "net.ipv4.conf.eth0/7.forwarding", .value = "0"},
                                            Sysctl{.name = "kernel.sem", .value = "1\t2"},
                                            Sysctl{.name = "fs.mqueue.msg_max", .value = "5"},
                                            Sysctl{.name = "kernel.domainname", .value = "d"}));
}

TEST(OciSysctl, RefusesTheMachines) {
  const auto of = [](std::string_view name, const char* namespaces) {
    return refusals({.linux = cat(R"("sysctl": {")", name, R"(": "1"})"), .namespaces = namespaces});
  };
  for (const std::string_view name :
       {"kernel.core_pattern", "vm.swappiness", "fs.mqueue", "kernel.shmmax.x", "net..ipv4", "net.ipv4.//.x",
        "net.", "kernel.msgmax/../core_pattern", "net.ipv4 x", "user.max_user_namespaces"}) {
    EXPECT_THAT(of(name, kEvery),
                ElementsAre(cat("linux.sysctl.", name, ": it is none that a namespace has for itself")));
  }
  constexpr const char* kMount = R"([{"type": "mount"}])";
  EXPECT_THAT(of("net.core.somaxconn", kMount),
              ElementsAre("linux.sysctl.net.core.somaxconn: the network namespace is the machine's"));
  EXPECT_THAT(of("kernel.sem", kMount),
              ElementsAre("linux.sysctl.kernel.sem: the ipc namespace is the machine's"));
  EXPECT_THAT(of("kernel.hostname", kEvery),
              ElementsAre("linux.sysctl.kernel.hostname: the member 'hostname' of the whole is for that"));
}

// A value with a second setting in it (CRI-O CVE-2022-0811).
TEST(OciSysctl, RefusesAValueThatSmugglesAnother) {
  EXPECT_THAT(refusals({.linux = R"("sysctl": {"kernel.shm_rmid_forced": "1\nkernel.core_pattern=|/x"})",
                        .namespaces = kEvery}),
              ElementsAre("linux.sysctl.kernel.shm_rmid_forced: there is a control character in the value"));
  // The way it came in there: it is a value, and nothing else.
  EXPECT_THAT(read({.linux = R"("sysctl": {"kernel.shm_rmid_forced": "1+kernel.core_pattern=|/x"})",
                    .namespaces = kEvery})
                  .spec.sysctls,
              ElementsAre(Sysctl{.name = "kernel.shm_rmid_forced", .value = "1+kernel.core_pattern=|/x"}));
}

TEST(OciLinux, ReadsPersonalityMemoryPolicyAndNetDevices) {
  const Spec spec =
      read({.linux = R"("personality": {"domain": "LINUX32"}, "memoryPolicy": {"mode": "MPOL_BIND",
      "nodes": "0-1, 3", "flags": ["MPOL_F_STATIC_NODES"]}, "netDevices": {"eth0": {"name": "lan"}, "wg0": {}})",
            .namespaces = kEvery})
          .spec;
  EXPECT_EQ(spec.command.scheduling.personality, 8U);
  EXPECT_EQ(spec.command.scheduling.memory,
            (MemoryPolicy{.mode = 2, .flags = 1U << 15U, .nodes = {0, 1, 3}}));
  EXPECT_THAT(spec.net_devices, ElementsAre(MovedNetDevice{.host_name = "eth0", .name = "lan"},
                                            MovedNetDevice{.host_name = "wg0", .name = "wg0"}));
  EXPECT_THAT(
      refusals({.linux = R"("personality": {"domain": "X", "flags": ["F"]}, "memoryPolicy": {"mode": "M",
      "nodes": "3-1", "flags": ["F"]}, "intelRdt": {}, "rootfsPropagation": "odd", "mountLabel": "l")"}),
      ElementsAre("linux.rootfsPropagation: 'odd' is none of shared, slave, private and unbindable",
                  "linux.personality.domain: 'X' is neither LINUX nor LINUX32",
                  "linux.personality.flags: the specification has none",
                  "linux.memoryPolicy.mode: 'M' is no policy", "linux.memoryPolicy.flags[0]: 'F' is no flag",
                  "linux.memoryPolicy.nodes: '3-1' is no list of memory nodes",
                  "linux.intelRdt: kelp does not know Intel RDT",
                  "linux.mountLabel: this machine has no SELinux"));
}

TEST(OciLinux, ReadsThePropagationOfTheRoot) {
  for (const auto& [word, want] :
       std::vector<std::pair<const char*, MountPropagation>>{{"shared", MountPropagation::kShared},
                                                             {"rslave", MountPropagation::kSlave},
                                                             {"private", MountPropagation::kPrivate},
                                                             {"unbindable", MountPropagation::kUnbindable}})
    EXPECT_EQ(read({.linux = cat(R"("rootfsPropagation": ")", word, R"(")")}).spec.propagation, want) << word;
  EXPECT_TRUE(read({.linux = R"("rootfsPropagation": "shared")"}).spec.shares_root_alone);
  EXPECT_FALSE(read({.linux = R"("rootfsPropagation": "rshared")"}).spec.shares_root_alone);
}

TEST(OciLinux, LabelsNewFileSystems) {
  Surroundings around = surroundings();
  around.has_selinux = [] { return true; };
  const Spec spec = read({.linux = R"("mountLabel": "s:o:t:s0:c1,c2")",
                          .rest = R"("mounts": [{"destination": "/proc", "type": "proc"},
      {"destination": "/dev", "type": "tmpfs", "options": ["size=1k"]}])"},
                         around)
                        .spec;
  EXPECT_EQ(std::get<PlainMount>(spec.mounts[0].what).data, "");
  EXPECT_EQ(std::get<PlainMount>(spec.mounts[1].what).data, R"(size=1k,context="s:o:t:s0:c1,c2")");
}

TEST(OciSeccomp, BecomesAFilter) {
  const Spec spec = read({.linux = R"("seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
      "architectures": ["SCMP_ARCH_X86_64"], "flags": ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"],
      "novel": 1, "syscalls": [
      {"names": ["mount"], "action": "SCMP_ACT_LOG", "novel": 1},
      {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]}]})"})
                        .spec;
  ASSERT_THAT(spec.seccomp.filters, SizeIs(1));
  EXPECT_EQ(spec.seccomp.filters[0].origin.text, "linux.seccomp");
  const auto& profile = std::get<SeccompProfile>(spec.seccomp.filters[0].what);
  EXPECT_EQ(profile.default_action, (SeccompAction{.kind = SeccompActionKind::kErrno, .data = 38}));
  EXPECT_EQ(profile.flags, SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
  ASSERT_THAT(profile.rules, SizeIs(2));
  EXPECT_EQ(profile.rules[0].action.kind, SeccompActionKind::kLog);
  EXPECT_EQ(profile.rules[1].place, "linux.seccomp.syscalls[1]");
}

TEST(OciSeccomp, RefusesWhatNobodyCouldAnswer) {
  const auto of = [](std::string_view rest) {
    return refusals({.linux = cat(R"("seccomp": {)", rest, "}")});
  };
  EXPECT_THAT(of(""), ElementsAre("linux.seccomp.defaultAction: it is missing"));
  EXPECT_THAT(of(R"("defaultAction": "SCMP_ACT_NOTIFY")"),
              ElementsAre("linux.seccomp.defaultAction: SCMP_ACT_NOTIFY can be the action of a rule only"));
  EXPECT_THAT(
      of(R"("defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["x"], "action": "SCMP_ACT_NOTIFY"}])"),
      ElementsAre(
          "linux.seccomp.listenerPath: it is missing, and SCMP_ACT_NOTIFY needs somebody who is asked"));
  EXPECT_THAT(
      of(R"("defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/l",
      "syscalls": [{"names": ["x", "sendmsg"], "action": "SCMP_ACT_NOTIFY"}])"),
      ElementsAre("linux.seccomp.syscalls[0].names[1]: SCMP_ACT_NOTIFY cannot be for sendmsg, by which "
                  "kelp passes the listener on"));
  EXPECT_THAT(of(R"("defaultAction": "SCMP_ACT_ALLOW", "listenerMetadata": "m")"),
              ElementsAre("linux.seccomp.listenerMetadata: there is no listenerPath beside it"));
  EXPECT_THAT(of(R"("defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": 1)"),
              ElementsAre("linux.seccomp.defaultErrnoRet: SCMP_ACT_ALLOW returns no number"));
  EXPECT_THAT(
      of(R"("defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": [], "action": "SCMP_ACT_LOG"}])"),
      ElementsAre("linux.seccomp.syscalls[0].names: it is empty"));
  EXPECT_THAT(of(R"("defaultAction": "SCMP_ACT_ALLOW", "architectures": ["X"])"),
              ElementsAre("linux.seccomp.architectures[0]: 'X' is no architecture"));
  // Nobody is asked: the path counts for nothing.
  EXPECT_EQ(std::get<SeccompProfile>(read({.linux = R"("seccomp": {"defaultAction": "SCMP_ACT_ALLOW",
      "listenerPath": "/x"})"})
                                         .spec.seccomp.filters[0]
                                         .what)
                .listener_path,
            "");
}

TEST(OciSeccomp, TellsAnAgentOfTheProcess) {
  const Spec spec = read({.linux = R"("seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/l",
      "listenerMetadata": "m", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]})"})
                        .spec;
  ASSERT_TRUE(spec.seccomp.listener);
  EXPECT_EQ(spec.seccomp.listener->path, "/l");
  EXPECT_EQ(spec.seccomp.listener->origin.text, "linux.seccomp.listenerPath");
  EXPECT_THAT(
      join(spec.seccomp.listener->document, "7"),
      AllOf(testing::StartsWith(R"({"ociVersion":"1.3.0","fds":["seccompFd"],"pid":7,"metadata":"m",)"),
            testing::HasSubstr(R"("state":{)"), testing::HasSubstr(R"("status":"creating","pid":7)"),
            testing::EndsWith("}}")));
}

TEST(OciHooks, AreReadWithTheStateThatTheyGet) {
  const Hooks hooks = read({.rest = R"("hooks": {
      "prestart": [{"path": "/a", "args": ["a", "b"], "env": ["K=V"], "timeout": 5}],
      "createRuntime": [{"path": "/b"}], "createContainer": [{"path": "/c"}], "startContainer": [{"path": "/d"}],
      "poststart": [{"path": "/e"}], "poststop": [{"path": "/f"}]}, "annotations": {"k\"": "v"})"})
                          .spec.hooks;
  EXPECT_THAT(hooks.prestart,
              ElementsAre(Hook{.path = "/a", .args = {"a", "b"}, .environment = {"K=V"}, .timeout_s = 5}));
  EXPECT_THAT(hooks.create_runtime, ElementsAre(Hook{.path = "/b"}));
  EXPECT_THAT(hooks.create_container, ElementsAre(Hook{.path = "/c"}));
  EXPECT_THAT(hooks.start_container, ElementsAre(Hook{.path = "/d"}));
  EXPECT_THAT(hooks.poststart, ElementsAre(Hook{.path = "/e"}));
  EXPECT_THAT(hooks.poststop, ElementsAre(Hook{.path = "/f"}));
  EXPECT_EQ(hooks.prestart[0].origin.text, "hooks.prestart[0]");
  EXPECT_EQ(
      cat(hooks.state_before_pid, 42, hooks.state_after_pid),
      R"({"ociVersion":"1.3.0","id":"c1","status":"creating","pid":42,"bundle":"/bundle","annotations":{"k\"":"v"}})");
}

TEST(OciHooks, RefuseWhatCannotBeRun) {
  EXPECT_THAT(
      refusals({.rest = R"("hooks": {"poststop": [{"path": "a", "timeout": 0}, {}]})"}),
      ElementsAre("hooks.poststop[0].path: 'a' is not absolute",
                  "hooks.poststop[0].timeout: 0 is less than 1", "hooks.poststop[1].path: it is missing"));
}

TEST(OciAnnotations, AreDataButForTwo) {
  Surroundings around = surroundings();
  around.cgroup_manager = CgroupManager::kSystemd;
  const Config config = read({.rest = R"("annotations": {"org.systemd.property.TimeoutStopUSec": "uint64 5",
      "org.systemd.property.a b": "1", "run.oci.keep_original_groups": "1", "z": "y"})"},
                             around);
  EXPECT_THAT(config.annotations, SizeIs(4));
  EXPECT_THAT(config.spec.managed_cgroup->properties,
              ElementsAre(UnitProperty{.name = "TimeoutStopUSec", .value = "uint64 5"}));
  EXPECT_EQ(config.spec.command.groups, Groups::kKeep);
  EXPECT_THAT(config.warnings,
              ElementsAre("annotations.org.systemd.property.a b: it is no name of a property"));
  EXPECT_THAT(refusals({.rest = R"("annotations": {"a": 1, "": "x"})"}),
              testing::UnorderedElementsAre("annotations: a key is empty", "annotations.a: it is no text"));
}

// An annotation may come from whoever wrote the image or the pod.
TEST(OciAnnotations, DoNotGiveRootsGroups) {
  Surroundings around = roots();
  around.is_real_root = true;
  const Config config = read({.rest = R"("annotations": {"run.oci.keep_original_groups": "1"})"}, around);
  EXPECT_EQ(config.spec.command.groups, Groups::kListed);
  EXPECT_THAT(config.warnings, ElementsAre("annotations.run.oci.keep_original_groups: not for root"));
}

}  // namespace
}  // namespace kelp::oci
