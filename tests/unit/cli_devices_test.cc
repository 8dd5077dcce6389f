// SPDX-License-Identifier: Apache-2.0
// --device: which binds it becomes on a machine that the test describes, and what it refuses.
#include <gmock/gmock.h>

#include <map>

#include "unit/cli_read.h"

namespace kelp::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = HostNode::Kind;

Surroundings machine() {
  static const std::map<std::string, HostNode> kNodes = {
      {"/dev/fuse", {.kind = Kind::kDevice}},
      {"/dev/zero", {.kind = Kind::kDevice}},
      {"/dev/video:0", {.kind = Kind::kDevice}},
      {"/dev/kvm", {.kind = Kind::kDevice, .is_open = false, .mode = 0660, .owner = 0, .group = 36}},
      {"/dev/mem", {.kind = Kind::kDevice, .is_open = false, .mode = 0600}},
      {"/mnt/null", {.kind = Kind::kDevice, .is_on_nodev = true}},
      {"/etc/passwd", {.kind = Kind::kOther}},
      {"/dev/dri", {.kind = Kind::kDirectory}},
      {"/dev/dri/card0", {.kind = Kind::kDevice, .is_open = false}},
      {"/dev/dri/renderD128", {.kind = Kind::kDevice}},
      {"/dev/dri/note", {.kind = Kind::kOther}},
      {"/dev/dri/by-path", {.kind = Kind::kDirectory}},
      {"/dev/dri/by-path/pci-0", {.kind = Kind::kDevice, .is_link = true}},
      {"/dev/dri/deep", {.kind = Kind::kDirectory}},
      {"/dev/dri/deep/d", {.kind = Kind::kDevice}},
      {"/dev/dri/pts", {.kind = Kind::kDirectory}},
      {"/dev/dri/pts/0", {.kind = Kind::kDevice}},
      {"/dev/net", {.kind = Kind::kDirectory}},
  };
  Surroundings around = cli::around();
  around.look_at = [](const std::string& path) {
    const auto found = kNodes.find(path.ends_with('/') ? path.substr(0, path.size() - 1) : path);
    return found == kNodes.end() ? HostNode{.why = "No such file or directory"} : found->second;
  };
  around.names_in = [](const std::string& directory) {
    std::vector<std::string> names;
    for (const auto& [path, node] : kNodes) {
      if (path.starts_with(directory + "/") && path.find('/', directory.size() + 1) == std::string::npos)
        names.push_back(path.substr(directory.size() + 1));
    }
    return names;
  };
  return around;
}

Result<Spec> try_spec(Words flags) {
  flags.insert(flags.end(), {"./root", "true"});
  Result<RunRequest> request = read_run(flags, machine());
  if (!request) return request.error();
  return std::move(request->spec);
}

// "FROM on TO" of each device.
std::vector<std::string> devices(const Words& flags) {
  const Result<Spec> spec = try_spec(flags);
  EXPECT_TRUE(spec) << (spec ? "" : spec.error().sentence());
  std::vector<std::string> out;
  if (!spec) return out;
  for (const Mount& mount : spec->mounts) {
    const auto* bind = std::get_if<Bind>(&mount.what);
    if (bind != nullptr && bind->is_device) out.push_back(cat(bind->from, " on ", bind->to));
  }
  return out;
}

std::string refusal(const Words& flags) {
  const Result<Spec> spec = try_spec(flags);
  return spec ? "" : spec.error().sentence();
}
std::string hint(const Words& flags) {
  const Result<Spec> spec = try_spec(flags);
  return spec ? "" : spec.error().hint();
}

TEST(DeviceFlag, SharesANodeThatCanBeUsedAndNotChanged) {
  const Result<Spec> spec = try_spec({"--device", "/dev/fuse"});
  ASSERT_TRUE(spec) << spec.error().sentence();
  const Mount want = {.what = Bind{.from = "/dev/fuse",
                                   .to = "/dev/fuse",
                                   .writable = false,
                                   .devices = true,
                                   .is_device = true,
                                   .executable = false,
                                   .recursive = false},
                      .origin = {"--device /dev/fuse"}};
  EXPECT_EQ(spec->mounts.back(), want) << "after kelp's own /dev";
}

TEST(DeviceFlag, TakesAnotherPathAndPermissions) {
  EXPECT_THAT(devices({"--device=/dev/fuse:/dev/f"}), ElementsAre("/dev/fuse on /dev/f"));
  EXPECT_THAT(devices({"--device=/dev/fuse:/dev/f:rwm"}), ElementsAre("/dev/fuse on /dev/f"));
  EXPECT_THAT(devices({"--device=/dev/fuse:rw"}), ElementsAre("/dev/fuse on /dev/fuse"));
  EXPECT_THAT(devices({"--device=/dev/fuse:/r"}), ElementsAre("/dev/fuse on /r"));
  EXPECT_THAT(devices({"--device", "/dev/video\\:0:/v"}), ElementsAre("/dev/video:0 on /v"));
}

TEST(DeviceFlag, TakesTheNodesOfADirectoryWithoutLinksAndTerminals) {
  EXPECT_THAT(devices({"--device=/dev/dri/"}),
              ElementsAre("/dev/dri/card0 on /dev/dri/card0", "/dev/dri/deep/d on /dev/dri/deep/d",
                          "/dev/dri/renderD128 on /dev/dri/renderD128"));
  EXPECT_THAT(devices({"--device=/dev/dri/deep:/gpu"}), ElementsAre("/dev/dri/deep/d on /gpu/d"));
  EXPECT_THAT(refusal({"--device=/dev/net"}),
              HasSubstr("share /dev/net (--device=/dev/net): no device is in this directory"));
}

TEST(DeviceFlag, TakesOneTwiceButNotTwoAtOnePlace) {
  EXPECT_THAT(devices({"--device=/dev/fuse", "--device", "/dev/fuse:/dev//fuse/"}),
              ElementsAre("/dev/fuse on /dev/fuse"));
  EXPECT_EQ(refusal({"--device=/dev/fuse:/dev/x", "--device=/dev/zero:/dev/x"}),
            "cannot share /dev/zero (--device=/dev/zero:/dev/x): on /dev/x is /dev/fuse already "
            "(--device=/dev/fuse:/dev/x)");
}

TEST(DeviceFlag, RefusesWhatIsNoUsableDevice) {
  EXPECT_EQ(refusal({"--device=/dev/absent"}),
            "cannot share /dev/absent (--device=/dev/absent): No such file or directory");
  EXPECT_EQ(refusal({"--device=/etc/passwd"}),
            "cannot share /etc/passwd (--device=/etc/passwd): it is no device");
  EXPECT_EQ(hint({"--device=/etc/passwd:/p"}), "-v /etc/passwd:/p shares other files");
  EXPECT_THAT(refusal({"--device=/mnt/null"}), HasSubstr("mounted nodev"));
}

TEST(DeviceFlag, RefusesWhatTheCallerMayNotOpenAndSaysWhoMay) {
  EXPECT_EQ(
      refusal({"--device=/dev/kvm"}),
      "cannot share /dev/kvm (--device=/dev/kvm): you may neither read nor write it (mode 0660, owner 0, "
      "group 36)");
  EXPECT_EQ(hint({"--device=/dev/kvm"}), "the members of group 36 may");
  EXPECT_THAT(refusal({"--device=/dev/mem"}), HasSubstr("mode 0600, owner 0, group 0"));
  EXPECT_THAT(hint({"--device=/dev/mem"}), IsEmpty());
}

TEST(DeviceFlag, RefusesPermissionsThatNobodyEnforces) {
  for (const char* letters : {"r", "w", "m", "rm", "wm"}) {
    EXPECT_THAT(refusal({"--device", cat("/dev/fuse:/dev/fuse:", letters)}),
                HasSubstr(cat("'", letters, "' cannot be enforced")));
  }
  EXPECT_EQ(hint({"--device=/dev/fuse:r"}), "write rw, or leave it out");
  for (const char* letters : {"rwx", "rrw", ""}) {
    EXPECT_THAT(refusal({"--device", cat("/dev/fuse:/dev/fuse:", letters)}), HasSubstr("is no list of"));
  }
}

TEST(DeviceFlag, RefusesWhatIsNoPath) {
  EXPECT_EQ(refusal({"--device=fuse"}), "cannot read --device=fuse: 'fuse' is no absolute path");
  EXPECT_EQ(hint({"--device=fuse"}), "--device /dev/fuse");
  EXPECT_EQ(refusal({"--device=/dev/fuse:x"}), "cannot read --device=/dev/fuse:x: 'x' is no absolute path");
  EXPECT_THAT(refusal({"--device=/a:/b:rw:x"}), HasSubstr("more than three parts"));
  EXPECT_THAT(refusal({"--device="}), HasSubstr("is no absolute path"));
}

}  // namespace
}  // namespace kelp::cli
