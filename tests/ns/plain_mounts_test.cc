// SPDX-License-Identifier: Apache-2.0
// Mounts, devices and read-only paths as an OCI configuration has them, in real containers.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "foreign_spec.h"

namespace kelp::launch {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class PlainMounts : public Foreign {};

TEST_F(PlainMounts, MakeAContainer) {
  EXPECT_EQ(run(script("cat /proc/self/mountinfo >/out/mounts; exit 7")), 7) << said();
  EXPECT_THAT(read("mounts"), HasSubstr(" /proc rw,relatime - proc proc rw\n"));
  EXPECT_THAT(read("mounts"), testing::ContainsRegex(" /dev rw,nosuid - tmpfs tmpfs .*size=65536k,mode=755"));
}

TEST_F(PlainMounts, MakeTheirPlaceWhereverItLies) {
  Spec wanted = script("test -f /a/b/file && test -d /out/deep/er && echo well >/out/said");
  add(wanted, PlainMount{.type = "bind", .source = place_.file("one", "1"), .to = "/a/b/file"});
  add(wanted, PlainMount{.type = "bind", .source = place_.dir("two"), .to = "/out/deep/er"});
  EXPECT_EQ(run(wanted), 0) << said();
  EXPECT_EQ(read("said"), "well\n");
}

TEST_F(PlainMounts, FollowALinkOfTheRootInsideOnly) {
  place_.link("root/etc/resolv.conf", "../run/deep/resolv.conf");
  place_.link("root/way-out", cat("..", place_.path(), "/escaped"));
  Spec wanted = script("cat /run/deep/resolv.conf >/out/said");
  add(wanted, PlainMount{.type = "bind", .source = place_.file("r", "hosts"), .to = "/etc/resolv.conf"});
  add(wanted, PlainMount{.type = "bind", .source = place_.file("s", "x"), .to = "/way-out/f"});
  EXPECT_EQ(run(wanted), 0) << said();
  EXPECT_EQ(read("said"), "hosts");
  EXPECT_FALSE(fs::exists(place_.path() + "/escaped"));
  EXPECT_TRUE(fs::exists(root_ + place_.path() + "/escaped"));
}

TEST_F(PlainMounts, HaveTheAttributesOfEachKind) {
  const std::string tree = place_.dir("tree");
  fs::create_directory(tree + "/below");
  Spec wanted = script("grep ' /b ' /proc/self/mountinfo >/out/b; grep ' /t ' /proc/self/mountinfo >/out/t");
  add(wanted, PlainMount{.type = "bind",
                         .source = tree,
                         .to = "/b",
                         .attributes = {.set = MOUNT_ATTR_NODEV | MOUNT_ATTR_NOATIME},
                         .recursive_attributes = {.set = MOUNT_ATTR_RDONLY},
                         .propagation = {{.type = MS_UNBINDABLE, .recursive = true}}});
  add(wanted, PlainMount{.type = "tmpfs",
                         .source = "here",
                         .to = "/t",
                         .data = "size=4k",
                         .attributes = {.set = MOUNT_ATTR_NOEXEC},
                         .recursive_attributes = {.set = MOUNT_ATTR_RDONLY},
                         .propagation = {{.type = MS_SHARED}}});
  EXPECT_EQ(run(wanted), 0) << said();
  // Nested in kelp the source is nosuid already.
  EXPECT_THAT(read("b"), testing::ContainsRegex(" /b ro,(nosuid,)?nodev"));
  EXPECT_THAT(read("b"), HasSubstr("unbindable"));
  EXPECT_THAT(read("t"), HasSubstr(" /t ro,noexec,relatime shared:"));
  EXPECT_THAT(read("t"), HasSubstr(" - tmpfs here rw,size=4k"));
}

TEST_F(PlainMounts, ShowTheOuterOneWhereANamespaceIsShared) {
  Spec wanted = script("cat /proc/self/mountinfo >/out/mounts; test -e /sys/kernel");
  wanted.new_namespaces.remove(Namespace::kPid);
  wanted.new_namespaces.remove(Namespace::kIpc);
  add(wanted, PlainMount{.type = "sysfs", .source = "sysfs", .to = "/sys"});
  add(wanted, PlainMount{.type = "mqueue", .source = "mqueue", .to = "/dev/mqueue"});
  add(wanted, PlainMount{.type = "cgroup",
                         .source = "cgroup",
                         .to = "/sys/fs/cgroup",
                         .attributes = {.set = MOUNT_ATTR_RDONLY}});
  EXPECT_EQ(run(wanted), 0) << said();
  EXPECT_THAT(read("mounts"), HasSubstr(" /proc "));
  EXPECT_THAT(read("mounts"), testing::ContainsRegex(" /sys r[ow]"));
}

TEST_F(PlainMounts, SayWhatTheKernelRefuses) {
  Spec wanted = script("true");
  add(wanted, PlainMount{.type = "nosuchfs", .source = "x", .to = "/x"});
  EXPECT_EQ(run(wanted), 125);
  EXPECT_THAT(said(), HasSubstr("cannot mount a new nosuchfs on /x: "));
}

TEST_F(PlainMounts, DevicesAreThereByNumber) {
  Spec wanted = script(
      "stat -c '%t:%T %F' /dev/null >/out/null; echo gone >/dev/null && head -c 3 /dev/zero | wc -c "
      ">/out/zero; "
      "stat -c '%F %a' /dev/pipe >/out/fifo; test ! -e /dev/none");
  add(wanted, DeviceNode{.type = 'c', .path = "/dev/null", .major = 1, .minor = 3});
  add(wanted, DeviceNode{.type = 'c', .path = "/dev/null", .major = 1, .minor = 3});
  add(wanted, DeviceNode{.type = 'c', .path = "/dev/zero", .major = 1, .minor = 5});
  add(wanted, DeviceNode{.type = 'p', .path = "/dev/pipe", .mode = 0640});
  if (::geteuid() != 0)
    add(wanted, DeviceNode{.type = 'c', .path = "/dev/none", .major = 1, .minor = 99, .optional = true});
  EXPECT_EQ(run(wanted), 0) << said();
  EXPECT_EQ(read("null"), "1:3 character special file\n");
  EXPECT_EQ(read("zero"), "3\n");
  EXPECT_EQ(read("fifo"), "fifo 640\n");
}

TEST_F(PlainMounts, ADeviceOfAnotherNumberIsRefused) {
  KELP_ONLY_AS("root makes it", "user", "nested");
  Spec wanted = script("true");
  add(wanted, DeviceNode{.type = 'c', .path = "/dev/null", .major = 1, .minor = 9});
  EXPECT_EQ(run(wanted), 125);
  EXPECT_THAT(said(),
              HasSubstr("cannot make the device /dev/null: the kernel lets us make none here, and the "
                        "machine's /dev/null is not c 1:9"));
}

TEST_F(PlainMounts, ProtectedPathsAreReadOnlyAllTheWayDown) {
  fs::create_directory(root_ + "/kept");
  Spec wanted = script(
      "! touch /kept/a 2>/dev/null && ! touch /kept/in/a 2>/dev/null && touch /free && "
      "! echo 1 2>/dev/null >/proc/sys/kernel/domainname");
  add(wanted, PlainMount{.type = "tmpfs", .source = "tmpfs", .to = "/kept/in"});
  for (const char* path : {"/kept", "/proc/sys", "/absent", "/etc/passwd/not"})
    add(wanted, Protect{.path = path});
  EXPECT_EQ(run(wanted), 0) << said();
}

TEST_F(PlainMounts, CapabilitySetsAreJustThose) {
  Spec wanted = script("grep Cap /proc/self/status >/out/caps; grep NoNew /proc/self/status >>/out/caps");
  wanted.command.user = {.user = Id{0}, .group = Id{0}};
  wanted.command.capabilities.sets = CapabilitySets{
      .bounding = 0x421, .effective = 0x421, .permitted = 0x421, .inheritable = 0x400, .ambient = 0x400};
  EXPECT_EQ(run(wanted), 0) << said();
  EXPECT_THAT(read("caps"), HasSubstr("CapInh:\t0000000000000400\nCapPrm:\t0000000000000421\n"
                                      "CapEff:\t0000000000000421\nCapBnd:\t0000000000000421\n"
                                      "CapAmb:\t0000000000000400\n"));
  EXPECT_THAT(read("caps"), HasSubstr("NoNewPrivs:\t1"));
}

}  // namespace
}  // namespace kelp::launch
