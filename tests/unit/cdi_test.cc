// SPDX-License-Identifier: Apache-2.0
// Files of the Container Device Interface: what is read of them, and every refusal with its path.
#include "formats/cdi.h"

#include <gmock/gmock.h>

#include "base/text.h"

namespace kelp::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A file with these edits for all of its devices.
std::string with_edits(std::string_view edits) {
  return cat(R"({"cdiVersion": "0.6.0", "kind": "vendor.com/net", "devices": [{"name": "tun"}], )",
             R"("containerEdits": )", edits, "}");
}

CdiFile read(const std::string& json) {
  const Result<CdiFile> file = read_cdi(json, "FILE");
  EXPECT_TRUE(file) << (file ? "" : file.error().sentence());
  return file ? *file : CdiFile{};
}
CdiEdits edits(std::string_view json) { return read(with_edits(json)).edits; }

std::string refusal(const std::string& json) {
  const Result<CdiFile> file = read_cdi(json, "FILE");
  return file ? "" : file.error().sentence();
}
std::string refusal_of(std::string_view json) { return refusal(with_edits(json)); }

// A hook of NVIDIA's program with these arguments, as JSON texts.
std::string hook(std::string_view arguments) {
  return cat(R"({"hooks": [{"hookName": "createContainer", "path": "/usr/bin/nvidia-cdi-hook", )",
             R"("args": ["nvidia-cdi-hook", )", arguments, "]}]}");
}

TEST(Cdi, ReadsKindDevicesAndTheirEdits) {
  const CdiFile file = read(R"({"cdiVersion": "1.1.0", "kind": "vendor.com/net", "annotations": {"a": "b"},
      "containerEdits": {"env": ["A=1"]},
      "devices": [{"name": "0", "containerEdits": {"env": ["B=2"]}}, {"name": "GPU-a:1.b_c"}]})");
  EXPECT_EQ(file.kind, "vendor.com/net");
  EXPECT_THAT(file.edits.environment, ElementsAre("A=1"));
  ASSERT_EQ(file.devices.size(), 2U);
  EXPECT_EQ(file.devices[0].name, "0");
  EXPECT_THAT(file.devices[0].edits.environment, ElementsAre("B=2"));
  EXPECT_EQ(file.devices[1], (CdiDevice{.name = "GPU-a:1.b_c", .edits = {}}));
}

TEST(Cdi, ReadsNodes) {
  const CdiEdits read = edits(R"({"deviceNodes": [{"path": "/dev/a"},
      {"path": "/dev/b", "hostPath": "/dev/c", "type": "c", "major": 10, "minor": "200", "fileMode": 438,
       "permissions": "rw", "uid": 0, "gid": 44}]})");
  EXPECT_THAT(read.nodes, ElementsAre(CdiNode{.from = "/dev/a",
                                              .to = "/dev/a",
                                              .permissions = "",
                                              .place = "containerEdits.deviceNodes[0]"},
                                      CdiNode{.from = "/dev/c",
                                              .to = "/dev/b",
                                              .permissions = "rw",
                                              .place = "containerEdits.deviceNodes[1]"}));
}

TEST(Cdi, ReadsMounts) {
  const CdiEdits read = edits(R"({"mounts": [
      {"hostPath": "/a", "containerPath": "/b", "options": ["ro", "nosuid", "nodev", "rbind", "rprivate"]},
      {"hostPath": "/a", "containerPath": "/c", "type": "bind", "options": ["bind", "noexec"]},
      {"hostPath": "/a", "containerPath": "/d", "options": null},
      {"containerPath": "/t", "type": "tmpfs", "options": ["size=1m", "mode=1777"]}]})");
  EXPECT_THAT(
      read.mounts,
      ElementsAre(
          MountKind(Bind{.from = "/a", .to = "/b", .writable = false}),
          MountKind(Bind{.from = "/a", .to = "/c", .devices = true, .executable = false, .recursive = false}),
          MountKind(Bind{.from = "/a", .to = "/d", .devices = true}),
          MountKind(Tmpfs{.to = "/t", .bytes = 1U << 20U, .mode = 01777})));
}

TEST(Cdi, DoesTheHooksOfNvidiaAsData) {
  const CdiEdits links = edits(hook(R"("create-symlinks", "--link", "libcuda.so.1::/usr/lib/libcuda.so",
                                       "--link=../a::/usr/b")"));
  EXPECT_THAT(links.changes,
              ElementsAre(MountKind(Symlink{.target = "libcuda.so.1", .to = "/usr/lib/libcuda.so"}),
                          MountKind(Symlink{.target = "../a", .to = "/usr/b"})));
  const CdiEdits modes = edits(hook(R"("chmod", "--mode", "755", "--path", "/dev/dri")"));
  EXPECT_THAT(modes.changes, ElementsAre(MountKind(Chmod{.path = "/dev/dri", .mode = 0755})));
  const CdiEdits cache = edits(hook(R"("update-ldcache", "--folder", "/lib64", "--folder=/a,/b",
                                       "--ldconfig-path", "/sbin/ldconfig")"));
  EXPECT_THAT(cache.library_folders, ElementsAre("/lib64", "/a", "/b"));
  for (const CdiEdits& read : {links, modes, cache}) EXPECT_THAT(read.undone, IsEmpty());
}

TEST(Cdi, KnowsTheHooksThatDoNothing) {
  EXPECT_EQ(edits(hook(R"("enable-cuda-compat", "--host-driver-version=570.1")")), CdiEdits{});
  EXPECT_EQ(edits(hook(R"("disable-device-node-modification")")), CdiEdits{});
  EXPECT_EQ(edits(R"({"hooks": [{"hookName": "createContainer", "path": "/opt/nvidia-ctk",
                       "args": ["nvidia-ctk", "hook", "enable-cuda-compat"], "env": ["A=b"], "timeout": 3}]})"),
            CdiEdits{});
}

TEST(Cdi, SaysWhatIsLeftUndone) {
  EXPECT_THAT(edits(R"({"hooks": [{"hookName": "poststop", "path": "/bin/clean"}]})").undone,
              ElementsAre("containerEdits.hooks[0]: kelp runs no hooks (poststop: /bin/clean)"));
  EXPECT_THAT(edits(hook(R"("something-new")")).undone, ElementsAre(HasSubstr("kelp runs no hooks")));
  EXPECT_THAT(edits(R"({"hooks": [{"hookName": "createContainer", "path": "/usr/bin/nvidia-ctk",
                         "args": ["nvidia-ctk", "chmod"]}]})")
                  .undone,
              ElementsAre(HasSubstr("kelp runs no hooks")));
  EXPECT_THAT(edits(hook(R"("chmod", "--mode=755", "--path=/etc")")).undone,
              ElementsAre(HasSubstr("outside of /dev (/etc)")));
  EXPECT_THAT(edits(hook(R"("chmod", "--mode=755", "--path=/dev/../etc")")).undone,
              ElementsAre(HasSubstr("outside of /dev")));
  EXPECT_THAT(edits(R"({"intelRdt": {"closID": "a"}, "netDevices": [{"hostInterfaceName": "eth0"}]})").undone,
              ElementsAre(HasSubstr("containerEdits.intelRdt"), HasSubstr("containerEdits.netDevices")));
  EXPECT_THAT(edits(R"({"intelRdt": {}, "netDevices": []})").undone, IsEmpty());
  EXPECT_THAT(edits(R"({"mounts": [{"containerPath": "/p", "hostPath": "proc", "type": "proc"}]})").undone,
              ElementsAre(HasSubstr("kelp mounts no proc")));
  EXPECT_THAT(edits(R"({"deviceNodes": [{"path": "/dev/p", "type": "p"}]})").undone,
              ElementsAre(HasSubstr("FIFO")));
}

TEST(Cdi, ReadsGroupsInBothSpellings) {
  EXPECT_THAT(edits(R"({"additionalGids": [44, 0, "107"]})").groups, ElementsAre(44U, 107U));
  EXPECT_THAT(edits(R"({"additionalGIDs": [1]})").groups, ElementsAre(1U));
}

TEST(Cdi, RefusesWhatIsNoCdiFile) {
  EXPECT_THAT(refusal("{"), HasSubstr("cannot read FILE: parse error at line 1"));
  EXPECT_EQ(refusal("[]"), "cannot read FILE: the top: it is no object");
  EXPECT_EQ(refusal("{}"), "cannot read FILE: cdiVersion: it is missing");
  EXPECT_EQ(refusal(R"({"cdiVersion": "1.0.0", "kinds": 1})"),
            "cannot read FILE: kinds: kelp does not know it");
  for (const char* version : {"1", "1.0", "a.b.c", "1.0.0.0", ""}) {
    EXPECT_THAT(refusal(cat(R"({"cdiVersion": ")", version, R"("})")), HasSubstr("is no version"));
  }
  for (const char* version : {"1.2.0", "2.0.0"}) {
    EXPECT_EQ(refusal(cat(R"({"cdiVersion": ")", version, R"("})")),
              cat("cannot read FILE: cdiVersion: kelp knows versions up to 1.1, not ", version));
  }
}

TEST(Cdi, RefusesWrongNames) {
  for (const char* kind :
       {"vendor", "vendor.com/", "/net", "vendor.com/net/x", "1v/net", "vendor.com/net-"}) {
    EXPECT_THAT(refusal(cat(R"({"cdiVersion": "0.6.0", "kind": ")", kind, R"("})")), HasSubstr("kind: '"))
        << kind;
  }
  const std::string top = R"({"cdiVersion": "0.6.0", "kind": "vendor.com/net", "devices": )";
  EXPECT_EQ(refusal(top + "[]}"), "cannot read FILE: devices: it is empty");
  EXPECT_EQ(refusal(top + "{}}"), "cannot read FILE: devices: it is no list");
  EXPECT_EQ(refusal(top + "null}"), "cannot read FILE: devices: it is missing");
  EXPECT_EQ(refusal(top + R"([{"name": "a"}, {"name": "a"}]})"),
            "cannot read FILE: devices[1].name: 'a' comes twice");
  EXPECT_EQ(refusal(top + R"([{"name": "-a"}]})"),
            "cannot read FILE: devices[0].name: '-a' is no name of a device");
  EXPECT_EQ(refusal(top + R"([{}]})"), "cannot read FILE: devices[0].name: it is missing");
}

TEST(Cdi, RefusesWrongEdits) {
  const auto expect = [](std::string_view json, std::string_view sentence) {
    EXPECT_EQ(refusal_of(json), cat("cannot read FILE: containerEdits", sentence)) << json;
  };
  expect("[]", ": it is no object");
  expect(R"({"devices": []})", ".devices: kelp does not know it");
  expect(R"({"env": {}})", ".env: it is no list");
  expect(R"({"env": ["A=1", "B"]})", ".env[1]: it is not NAME=VALUE");
  expect(R"({"env": ["=x"]})", ".env[0]: it is not NAME=VALUE");
  expect(R"({"env": ["A=\u0000"]})", ".env[0]: a variable cannot hold a zero byte");
  expect(R"({"deviceNodes": [{"hostPath": "/a"}]})", ".deviceNodes[0].path: it is missing");
  expect(R"({"deviceNodes": [{"path": "a"}]})", ".deviceNodes[0].path: 'a' is not absolute");
  expect(R"({"deviceNodes": [{"path": "/a", "type": "x"}]})",
         ".deviceNodes[0].type: 'x' is no type of a device");
  expect(R"({"deviceNodes": [{"path": "/a", "major": -1}]})",
         ".deviceNodes[0].major: it is no whole number from 0 on");
  expect(R"({"deviceNodes": [{"path": "/a", "mode": 1}]})", ".deviceNodes[0].mode: kelp does not know it");
  expect(R"({"mounts": [{"hostPath": "/a"}]})", ".mounts[0].containerPath: it is missing");
  expect(R"({"mounts": [{"containerPath": "/a"}]})", ".mounts[0].hostPath: it is missing");
  expect(R"({"mounts": [{"hostPath": "/a", "containerPath": "/b", "options": "ro"}]})",
         ".mounts[0].options: it is no list");
  expect(R"({"mounts": [{"hostPath": "/a", "containerPath": "/b", "options": ["ro", "idmap"]}]})",
         ".mounts[0].options[1]: kelp does not know 'idmap'");
  expect(R"({"mounts": [{"containerPath": "/b", "type": "tmpfs", "options": ["size=x"]}]})",
         ".mounts[0].options[0]: it is no size");
  expect(R"({"additionalGids": ["x"]})", ".additionalGids[0]: it is no whole number from 0 to 4294967294");
  expect(R"({"hooks": [{"hookName": "later", "path": "/a"}]})", ".hooks[0].hookName: 'later' is no hook");
  expect(R"({"hooks": [{"hookName": "poststop"}]})", ".hooks[0].path: it is missing");
}

TEST(Cdi, RefusesWrongArgumentsOfKnownHooks) {
  for (const auto& [arguments, reason] :
       {std::pair{R"("create-symlinks", "--link")", "'--link' has no value"},
        {R"("create-symlinks", "--link", "a:b")", "'a:b' is not TARGET::PATH"},
        {R"("create-symlinks", "--link", "a::b")", "'a::b' is not TARGET::PATH"},
        {R"("create-symlinks", "--link", "::/b")", "'::/b' is not TARGET::PATH"},
        {R"("create-symlinks", "--force", "x")", "kelp does not know '--force'"},
        {R"("create-symlinks", "x")", "kelp does not know 'x'"},
        {R"("chmod", "--mode", "9", "--path", "/dev/a")", "kelp does not know '--mode'"},
        {R"("chmod", "--mode", "755")", "it needs --mode and --path"},
        {R"("update-ldcache", "--folder", "lib")", "'lib' is not absolute"}}) {
    EXPECT_EQ(refusal_of(hook(arguments)), cat("cannot read FILE: containerEdits.hooks[0].args: ", reason));
  }
}

TEST(CdiName, IsToldFromAPath) {
  EXPECT_TRUE(looks_like_cdi_name("vendor.com/net=tun"));
  EXPECT_FALSE(looks_like_cdi_name("/dev/x=y"));
  EXPECT_FALSE(looks_like_cdi_name("./x=y"));
  EXPECT_FALSE(looks_like_cdi_name("fuse"));
}

TEST(CdiName, IsReadWholeOrRefused) {
  const Result<CdiName> name = read_cdi_name("nvidia.com/gpu=GPU-1:0");
  ASSERT_TRUE(name);
  EXPECT_EQ(*name, (CdiName{.kind = "nvidia.com/gpu", .device = "GPU-1:0"}));
  EXPECT_EQ(read_cdi_name("gpu=0").error().reason(), "'gpu' is not VENDOR/CLASS");
  EXPECT_EQ(read_cdi_name("nvidia.com/gpu=").error().reason(), "'' is no name of a device");
  EXPECT_EQ(read_cdi_name("nvidia.com/gpu=a=b").error().reason(), "'a=b' is no name of a device");
}

}  // namespace
}  // namespace kelp::formats
