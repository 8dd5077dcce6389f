// SPDX-License-Identifier: Apache-2.0
// mounts, devices and paths of config.json: what each becomes, and their order.
#include <linux/mount.h>
#include <sys/mount.h>

#include "oci/mount_options.h"
#include "read_config.h"

namespace kelp::oci {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

// The mounts of the document alone, without those that every container has.
std::vector<PlainMount> plain_mounts(const Config& config) {
  std::vector<PlainMount> out;
  for (const Mount& mount : config.spec.mounts) {
    if (const auto* plain = std::get_if<PlainMount>(&mount.what)) out.push_back(*plain);
  }
  return out;
}

// One mount besides a /dev.
std::string mounts(std::string_view more) {
  return cat(R"("mounts": [{"destination": "/dev", "type": "tmpfs", "source": "tmpfs"}, )", more, "]");
}
PlainMount mount(std::string_view json, const Surroundings& around = surroundings(),
                 const Parts& parts = {}) {
  Parts with = parts;
  with.rest = mounts(json);
  const std::vector<PlainMount> all = plain_mounts(read(with, around));
  EXPECT_THAT(all, SizeIs(2));
  return all.empty() ? PlainMount{} : all.back();
}
std::vector<std::string> refusals_of_mount(std::string_view json) { return refusals({.rest = mounts(json)}); }

TEST(OciMounts, KeepTheirOrderAndSayWhereTheyAre) {
  const Config config = read({.rest = R"("mounts": [
      {"destination": "/dev", "type": "tmpfs", "source": "shm", "options": ["nosuid", "mode=755", "size=65536k"]},
      {"destination": "relative/x", "type": "tmpfs"}])"});
  ASSERT_GE(config.spec.mounts.size(), 2U);
  EXPECT_EQ(std::get<PlainMount>(config.spec.mounts[0].what),
            (PlainMount{.type = "tmpfs",
                        .source = "shm",
                        .to = "/dev",
                        .data = "mode=755,size=65536k",
                        .attributes = {.set = MOUNT_ATTR_NOSUID}}));
  EXPECT_EQ(config.spec.mounts[1].origin.text, "mounts[1]");
  EXPECT_EQ(std::get<PlainMount>(config.spec.mounts[1].what),
            (PlainMount{.type = "tmpfs", .source = "tmpfs", .to = "/relative/x"}));
}

TEST(OciMounts, BindsAreThoseThatSayBind) {
  const PlainMount alone = {.type = "bind", .source = "/src", .to = "/a", .recursive = false};
  PlainMount recursive = alone;
  recursive.recursive = true;
  EXPECT_EQ(mount(R"({"destination": "/a", "type": "none", "source": "/src", "options": ["bind", "rw"]})"),
            alone);
  EXPECT_EQ(mount(R"({"destination": "/a", "source": "/src", "options": ["bind", "rbind"]})"), recursive);
  EXPECT_EQ(mount(R"({"destination": "/a", "type": "bind", "source": "/src"})"), alone);
  EXPECT_EQ(mount(R"({"destination": "/a", "type": "bind", "source": "src", "options": ["rbind"]})").source,
            "/bundle/src");
}

TEST(OciMounts, ABindTakesNothingAwayFromItsSource) {
  const PlainMount read = mount(
      R"({"destination": "/a", "source": "/s", "options": ["rbind", "ro", "rw", "suid", "noexec", "relatime"]})");
  EXPECT_EQ(read.attributes, (AttributeChange{.set = MOUNT_ATTR_NOEXEC}));
}

TEST(OciMounts, RefuseWhatTheyCannotBe) {
  EXPECT_THAT(refusals_of_mount(R"({"type": "tmpfs"})"), ElementsAre("mounts[1].destination: it is missing"));
  EXPECT_THAT(refusals_of_mount(R"({"destination": ""})"), ElementsAre("mounts[1].destination: it is empty"));
  EXPECT_THAT(refusals_of_mount(R"({"destination": "/a"})"),
              ElementsAre("mounts[1].type: it is missing, and 'bind' is not among the options"));
  EXPECT_THAT(refusals_of_mount(R"({"destination": "/a", "options": ["bind"]})"),
              ElementsAre("mounts[1].source: a bind mount needs one"));
  EXPECT_THAT(
      refusals_of_mount(R"({"destination": "/a", "type": "proc", "options": ["remount"]})"),
      ElementsAre("mounts[1].options: kelp does not know 'remount': the mount itself says how it is to be"));
  EXPECT_THAT(
      refusals_of_mount(R"({"destination": "/a", "source": "/s", "options": ["bind", "odd", "x=y"]})"),
      ElementsAre("mounts[1].options: a bind mount has no option 'odd,x=y'"));
  EXPECT_THAT(refusals_of_mount(R"({"destination": "/a", "type": "proc", "options": ["tmpcopyup"]})"),
              ElementsAre("mounts[1].options: tmpcopyup is for a tmpfs"));
  EXPECT_THAT(refusals_of_mount(R"({"destination": "/a", "type": 1, "options": ["x", 2]})"),
              ElementsAre("mounts[1].options[1]: it is no text", "mounts[1].type: it is no text",
                          "mounts[1].type: it is missing, and 'bind' is not among the options"));
  EXPECT_THAT(refusals_of_mount("7"), ElementsAre("mounts[1]: it is no object"));
  EXPECT_THAT(refusals({.rest = R"("mounts": {})"}), ElementsAre("mounts: it is no list"));
  EXPECT_THAT(refusals_of_mount(R"({"destination": "/a\u0000b", "type": "tmpfs"})"),
              ElementsAre("mounts[1].destination: there is a zero byte in it"));
}

TEST(OciMounts, KeepPropagationAndTheIdsOfAMap) {
  const PlainMount read =
      mount(R"({"destination": "/a", "source": "/s", "options": ["rbind", "rslave", "shared"]})");
  EXPECT_THAT(read.propagation, ElementsAre(PropagationChange{.type = MS_SLAVE, .recursive = true},
                                            PropagationChange{.type = MS_SHARED}));
  EXPECT_TRUE(
      mount(R"({"destination": "/a", "source": "/s", "options": ["rbind", "ridmap"]})").id_map->recursive);
  EXPECT_THAT(
      refusals_of_mount(R"({"destination": "/a", "source": "/s", "options": ["rbind", "idmap"],
      "uidMappings": [{"containerID": 0, "hostID": 5, "size": 1}],
      "gidMappings": [{"containerID": 0, "hostID": 6, "size": 2}]})"),
      ElementsAre("mounts[1].uidMappings: kelp gives a mount no other ids than those of the container"));
  EXPECT_THAT(refusals_of_mount(R"({"destination": "/a", "type": "tmpfs", "options": ["idmap"]})"),
              ElementsAre("mounts[1].options: idmap is for a bind mount"));
  EXPECT_THAT(
      refusals({.rest = mounts(R"({"destination": "/a", "source": "/s", "options": ["bind", "idmap"]})")},
               roots()),
      ElementsAre("mounts[1].options: idmap needs a user namespace of the container's own"));
}

TEST(OciMounts, BindTheMachinesOwnOfWhatTheyMayNotMountAnew) {
  constexpr std::string_view kSys =
      R"({"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["ro"]})";
  // With the cgroups below it.
  const PlainMount bound = {.type = "bind",
                            .source = "/sys",
                            .to = "/sys",
                            .attributes = {.set = MOUNT_ATTR_RDONLY},
                            .recursive_attributes = {.set = MOUNT_ATTR_RDONLY}};
  EXPECT_EQ(mount(kSys), bound);
  EXPECT_EQ(mount(kSys, roots()), bound);
  Surroundings real = roots();
  real.is_real_root = true;
  EXPECT_EQ(mount(kSys, real).type, "sysfs");
  EXPECT_EQ(mount(kSys, surroundings(), {.namespaces = R"([{"type": "mount"}, {"type": "network"}])"}).type,
            "sysfs");
  const Parts own_ipc = {.namespaces = R"([{"type": "mount"}, {"type": "ipc"}])"};
  constexpr std::string_view kQueues =
      R"({"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue"})";
  EXPECT_EQ(mount(kQueues).source, "/dev/mqueue");
  EXPECT_EQ(mount(kQueues, surroundings(), own_ipc).type, "mqueue");
}

// Without a cgroup namespace the caller's own part of the tree is among it (runc CVE-2023-25809).
TEST(OciMounts, TheMachinesCgroupsAreReadOnlyWhateverIsAskedFor) {
  constexpr std::string_view kCgroup =
      R"({"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["rw", "nosuid"]})";
  const PlainMount bound = mount(kCgroup);
  EXPECT_EQ(bound.source, "/sys/fs/cgroup");
  EXPECT_EQ(bound.type, "bind");
  EXPECT_EQ(bound.recursive_attributes.set & MOUNT_ATTR_RDONLY, std::uint64_t{MOUNT_ATTR_RDONLY});
  const Parts own = {.namespaces = R"([{"type": "mount"}, {"type": "cgroup"}])"};
  const PlainMount fresh = mount(kCgroup, surroundings(), own);
  EXPECT_EQ(fresh.type, "cgroup2");
  EXPECT_EQ(fresh.recursive_attributes.set, 0U);
}

TEST(OciMounts, OptionsAreThoseOfTheSpecification) {
  const MountOptions all = read_mount_options({"defaults", "nosuid", "nodev", "noatime", "rro", "rnoexec",
                                               "sync", "dirsync", "lazytime", "size=1m", "", "x"});
  EXPECT_EQ(all.attributes, (AttributeChange{.set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOATIME,
                                             .clear = MOUNT_ATTR__ATIME}));
  EXPECT_EQ(all.recursive_attributes, (AttributeChange{.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC}));
  EXPECT_EQ(all.flags, std::uint64_t{MS_SYNCHRONOUS | MS_DIRSYNC | MS_LAZYTIME});
  EXPECT_EQ(all.data, "size=1m,x");
  EXPECT_EQ(read_mount_options({"ro", "rw", "sync", "async", "noatime", "relatime"}),
            (MountOptions{.attributes = {.clear = MOUNT_ATTR_RDONLY | MOUNT_ATTR__ATIME}}));
  // No word of the table reaches a file system as an option of its own.
  for (const std::string_view name : mount_option_names())
    EXPECT_EQ(read_mount_options({std::string(name)}).data, "") << name;
  EXPECT_THAT(mount_option_names(), SizeIs(63));
}

// Links in the root's own /dev would lead elsewhere what is made there (crun CVE-2026-47766 and its kin).
TEST(OciDevices, LieInADevOfTheContainersOwn) {
  const Config config = read({});
  ASSERT_FALSE(config.spec.mounts.empty());
  const PlainMount dev = std::get<PlainMount>(config.spec.mounts.front().what);
  EXPECT_EQ(dev.type, "tmpfs");
  EXPECT_EQ(dev.to, "/dev");
  EXPECT_EQ(dev.data, "mode=755,size=65536k");
}

std::vector<std::string> paths_of(const Config& config) {
  std::vector<std::string> out;
  out.reserve(config.spec.mounts.size());
  for (const Mount& one : config.spec.mounts) out.push_back(destination_of(one));
  return out;
}

TEST(OciDevices, ComeAfterTheMountsAndBeforeWhatIsHidden) {
  const Config config = read({.linux = R"("devices": [
      {"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229, "fileMode": 8630, "uid": 1, "gid": 2},
      {"path": "/dev/null", "type": "u", "major": 1, "minor": 3}],
      "readonlyPaths": ["/proc/sys"], "maskedPaths": ["/proc/kcore"])",
                              .rest = R"("mounts": [{"destination": "/dev/", "type": "tmpfs"},
      {"destination": "/dev/tty", "source": "/x", "options": ["bind"]}])"});
  EXPECT_THAT(paths_of(config),
              ElementsAre("/dev/", "/dev/tty", "/dev/fuse", "/dev/null", "/dev/zero", "/dev/full",
                          "/dev/random", "/dev/urandom", "/dev/fd", "/dev/stdin", "/dev/stdout",
                          "/dev/stderr", "/dev/ptmx", "/proc/sys", "/proc/kcore"));
  EXPECT_EQ(
      std::get<DeviceNode>(config.spec.mounts[2].what),
      (DeviceNode{
          .type = 'c', .path = "/dev/fuse", .major = 10, .minor = 229, .mode = 0666, .user = 1, .group = 2}));
  EXPECT_EQ(std::get<DeviceNode>(config.spec.mounts[4].what),
            (DeviceNode{.path = "/dev/zero", .major = 1, .minor = 5, .optional = true}));
  EXPECT_EQ(std::get<Symlink>(config.spec.mounts[12].what),
            (Symlink{.target = "pts/ptmx", .to = "/dev/ptmx"}));
  EXPECT_EQ(std::get<Protect>(config.spec.mounts[13].what).path, "/proc/sys");
  EXPECT_EQ(std::get<Hide>(config.spec.mounts[14].what).path, "/proc/kcore");
}

TEST(OciDevices, AreNotMadeInTheMachinesDev) {
  const Config config =
      read({.linux = R"("devices": [
      {"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229}, {"path": "/fuse", "type": "p"}])",
            .rest = R"("mounts": [{"destination": "/dev", "source": "/dev", "options": ["rbind"]}])"});
  EXPECT_THAT(paths_of(config), ElementsAre("/dev", "/fuse"));
}

TEST(OciDevices, AReadOnlyTmpfsTakesThemFirst) {
  const Config config =
      read({.rest = R"("mounts": [{"destination": "/dev", "type": "tmpfs", "options": ["ro"]},
      {"destination": "/t", "type": "tmpfs", "options": ["ro"]}, {"destination": "/t/x", "type": "tmpfs"},
      {"destination": "/proc", "type": "proc", "options": ["ro"]}])"});
  const std::vector<Mount>& all = config.spec.mounts;
  EXPECT_EQ(std::get<PlainMount>(all[0].what).attributes.set, 0U);
  EXPECT_EQ(std::get<PlainMount>(all[3].what).attributes.set, std::uint64_t{MOUNT_ATTR_RDONLY});
  ASSERT_GE(all.size(), 2U);
  EXPECT_EQ(std::get<Seal>(all[all.size() - 2].what).path, "/dev");
  EXPECT_EQ(std::get<Seal>(all.back().what).path, "/t");
}

TEST(OciDevices, RefuseWhatIsNoDevice) {
  const auto of = [](std::string_view device) {
    return refusals({.linux = cat(R"("devices": [)", device, "]")});
  };
  EXPECT_THAT(of(R"({"path": "x", "type": "d", "major": 1, "minor": 1})"),
              ElementsAre("linux.devices[0].path: 'x' is not absolute",
                          "linux.devices[0].type: 'd' is none of c, b, u and p"));
  EXPECT_THAT(
      of(R"({"path": "/x", "type": "b", "major": -1})"),
      ElementsAre("linux.devices[0].major: -1 is less than 0", "linux.devices[0].minor: it is missing"));
}

TEST(OciPaths, MustBeAbsolute) {
  EXPECT_THAT(refusals({.linux = R"("maskedPaths": ["a"], "readonlyPaths": ["/a", "b"])"}),
              ElementsAre("linux.readonlyPaths[1]: 'b' is not absolute",
                          "linux.maskedPaths[0]: 'a' is not absolute"));
}

TEST(OciPaths, TheWorkingDirectoryIsMadeWhereItIsMissing) {
  const auto made = [](std::string_view directory) {
    const std::string json =
        cat(R"({"ociVersion": "1.0.0", "root": {"path": "/r"}, "process": {"args": ["a"], "cwd": ")",
            directory, R"("}, "linux": {"namespaces": [{"type": "mount"}]}})");
    const Result<Config> config = read_config(json, surroundings());
    EXPECT_TRUE(config);
    return config && std::holds_alternative<Directory>(config->spec.mounts.at(1).what);
  };
  EXPECT_TRUE(made("/var/work"));
  EXPECT_FALSE(made("/"));
  EXPECT_FALSE(made("/a/../b"));
}

}  // namespace
}  // namespace kelp::oci
