// SPDX-License-Identifier: Apache-2.0
// --device VENDOR/CLASS=NAME and --gpus: which file counts, and what a Spec becomes.
#include <gmock/gmock.h>

#include <cerrno>
#include <map>

#include "unit/cli_read.h"

namespace kelp::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Files = std::map<std::string, std::string>;

std::string cdi(std::string_view kind, std::string_view devices, std::string_view edits = "{}") {
  return cat(R"({"cdiVersion": "0.6.0", "kind": ")", kind, R"(", "devices": [)", devices,
             R"(], "containerEdits": )", edits, "}");
}
// A device whose only mark is a variable, which tells where it came from.
std::string marked(std::string_view name, std::string_view mark) {
  return cat(R"({"name": ")", name, R"(", "containerEdits": {"env": ["MARK=)", mark, R"("]}})");
}

// A machine with these files; of YAML it knows what begins with "yaml:", and JSON follows. Nodes are those
// below /dev but /dev/absent.
Surroundings machine(const Files& files, const std::vector<std::string>& nodes = {}) {
  Surroundings around = cli::around();
  around.environment.emplace_back("HOME=/home/alga");
  around.read_file = [files](const std::string& path) -> Result<std::string> {
    const auto found = files.find(path);
    if (found != files.end()) return found->second;
    return Error(cat("open ", path), "No such file or directory").with_code(ENOENT);
  };
  around.names_in = [files, nodes](const std::string& directory) {
    std::vector<std::string> names;
    const auto add = [&](const std::string& path) {
      if (path.starts_with(directory + "/") && path.find('/', directory.size() + 1) == std::string::npos)
        names.push_back(path.substr(directory.size() + 1));
    };
    for (const auto& [path, text] : files) add(path);
    for (const std::string& path : nodes) add(path);
    return names;
  };
  around.look_at = [nodes](const std::string& path) {
    using Kind = HostNode::Kind;
    for (const std::string& node : nodes) {
      if (node == path) return HostNode{.kind = Kind::kDevice, .is_open = false};
      if (node.starts_with(path + "/")) return HostNode{.kind = Kind::kDirectory};
    }
    return HostNode{.why = "No such file or directory"};
  };
  around.json_of_yaml = [](const std::string& yaml) -> Result<std::string> {
    if (yaml.starts_with("yaml:")) return yaml.substr(5);
    return Error("read YAML", "libyaml is not installed").with_hint("install it");
  };
  around.library_name = [](const std::string& path) {
    return path == "/host/libx.so.570" ? std::string("libx.so.1") : std::string();
  };
  return around;
}

Result<Spec> try_spec(Words flags, const Surroundings& around) {
  flags.insert(flags.end(), {"./root", "true"});
  Result<RunRequest> request = read_run(flags, around);
  if (!request) return request.error();
  return std::move(request->spec);
}
std::string refusal(Words flags, const Surroundings& around) {
  const Result<Spec> spec = try_spec(std::move(flags), around);
  return spec ? "" : spec.error().sentence();
}
std::string hint(Words flags, const Surroundings& around) {
  const Result<Spec> spec = try_spec(std::move(flags), around);
  return spec ? "" : spec.error().hint();
}

// The variables MARK, in order.
std::vector<std::string> marks(Words flags, const Surroundings& around) {
  const Result<Spec> spec = try_spec(std::move(flags), around);
  EXPECT_TRUE(spec) << (spec ? "" : spec.error().sentence());
  std::vector<std::string> out;
  if (!spec) return out;
  for (const std::string& entry : spec->command.environment.entries) {
    if (entry.starts_with("MARK=")) out.push_back(entry.substr(5));
  }
  return out;
}

std::vector<std::string> nodes(const Spec& spec) {
  std::vector<std::string> out;
  for (const Mount& mount : spec.mounts) {
    const auto* bind = std::get_if<Bind>(&mount.what);
    if (bind != nullptr && bind->is_device) out.push_back(bind->to);
  }
  return out;
}

constexpr char kX[] = "v.com/c=x";

TEST(CdiFlag, TakesTheFileOfTheHighestDirectory) {
  Files files = {{"/etc/cdi/a.json", cdi("v.com/c", marked("x", "etc"))}};
  EXPECT_THAT(marks({"--device", kX}, machine(files)), ElementsAre("etc"));
  files["/var/run/cdi/a.yaml"] = "yaml:" + cdi("v.com/c", marked("x", "run"));
  EXPECT_THAT(marks({"--device", kX}, machine(files)), ElementsAre("run"));
  files["/home/alga/.config/cdi/a.json"] = cdi("v.com/c", marked("x", "own"));
  EXPECT_THAT(marks({"--device", kX}, machine(files)), ElementsAre("own"));
  files["/home/alga/.config/cdi/b.txt"] = "no CDI file";
  files["/etc/cdi/b.json"] = cdi("v.com/other", marked("x", "other"));
  EXPECT_THAT(marks({"--device", kX}, machine(files)), ElementsAre("own"));
}

TEST(CdiFlag, RefusesWhatTwoFilesOfOneDirectoryDescribe) {
  Files files = {{"/etc/cdi/a.json", cdi("v.com/c", marked("x", "a"))},
                 {"/etc/cdi/b.json", cdi("v.com/c", marked("x", "b"))}};
  EXPECT_EQ(refusal({"--device", kX}, machine(files)),
            "cannot find v.com/c=x: /etc/cdi/a.json and /etc/cdi/b.json both describe it (for --device "
            "v.com/c=x)");
  files["/var/run/cdi/c.json"] = cdi("v.com/c", marked("x", "c"));
  EXPECT_THAT(marks({"--device", kX}, machine(files)), ElementsAre("c")) << "which settles it";
}

TEST(CdiFlag, SaysWhichDevicesThereAre) {
  const Files files = {{"/etc/cdi/a.json", cdi("v.com/c", marked("y", "1") + "," + marked("z", "2"))}};
  EXPECT_EQ(refusal({"--device", kX}, machine(files)),
            "cannot find v.com/c=x: no CDI file describes it (for --device v.com/c=x)");
  EXPECT_EQ(hint({"--device", kX}, machine(files)), "there are v.com/c=y, v.com/c=z");
  EXPECT_THAT(hint({"--device", kX}, machine({})), HasSubstr("nvidia-ctk cdi generate"));
  EXPECT_THAT(refusal({"--device", "v=x"}, machine({})), HasSubstr("'v' is not VENDOR/CLASS"));
}

TEST(CdiFlag, TellsBrokenFilesOnlyWhereADeviceIsMissing) {
  Files files = {{"/etc/cdi/bad.json", "{"},
                 {"/etc/cdi/bad.yaml", "a: b"},
                 {"/etc/cdi/good.json", cdi("v.com/c", marked("x", "good"))}};
  EXPECT_THAT(marks({"--device", kX}, machine(files)), ElementsAre("good"));
  const Result<Spec> spec = try_spec({"--device", "v.com/c=y"}, machine(files));
  ASSERT_FALSE(spec);
  ASSERT_EQ(spec.error().others().size(), 2U);
  EXPECT_THAT(spec.error().others()[0].sentence(), HasSubstr("cannot read /etc/cdi/bad.json: parse error"));
  EXPECT_EQ(spec.error().others()[1].sentence(), "cannot read /etc/cdi/bad.yaml: libyaml is not installed");
  EXPECT_EQ(spec.error().others()[1].hint(), "install it");
}

TEST(CdiFlag, DoesTheFilesOwnEditsOnceAndFlagsWin) {
  const Files files = {{"/etc/cdi/a.json", cdi("v.com/c", marked("x", "1") + "," + marked("y", "2"),
                                               R"({"env": ["MARK=all"]})")}};
  EXPECT_THAT(marks({"-e", "MARK=mine", "--device", kX, "--device=v.com/c=y"}, machine(files)),
              ElementsAre("all", "1", "2", "mine"));
}

TEST(CdiFlag, SharesNodesMountsLinksAndModesInThisOrder) {
  const Files files = {{"/etc/cdi/a.json", cdi("v.com/c", R"({"name": "x", "containerEdits": {
      "deviceNodes": [{"path": "/dev/a"}, {"path": "/dev/b", "hostPath": "/dev/a"}],
      "hooks": [{"hookName": "createContainer", "path": "/usr/bin/nvidia-cdi-hook",
                 "args": ["nvidia-cdi-hook", "chmod", "--mode=755", "--path=/dev/d"]},
                {"hookName": "createContainer", "path": "/usr/bin/nvidia-cdi-hook",
                 "args": ["nvidia-cdi-hook", "update-ldcache", "--folder", "/lib/"]}],
      "mounts": [{"hostPath": "/host/libx.so.570", "containerPath": "/lib/libx.so.570", "options": ["ro"]},
                 {"hostPath": "/host/libx.so.570", "containerPath": "/opt/libx.so.570"},
                 {"hostPath": "/host/text", "containerPath": "/lib/text"}]}})")}};
  const Result<Spec> spec = try_spec({"--device", kX}, machine(files, {"/dev/a"}));
  ASSERT_TRUE(spec) << spec.error().sentence();
  EXPECT_THAT(nodes(*spec), ElementsAre("/dev/a", "/dev/b"));
  std::vector<std::string> all;
  for (const Mount& mount : spec->mounts) {
    if (mount.origin.text.empty()) continue;
    EXPECT_EQ(mount.origin.text, "--device v.com/c=x in /etc/cdi/a.json");
    all.push_back(destination_of(mount));
  }
  EXPECT_THAT(all, ElementsAre("/dev/a", "/dev/b", "/lib/libx.so.570", "/opt/libx.so.570", "/lib/text",
                               "/lib/libx.so.1", "/dev/d"));
  const Mount& link = spec->mounts.end()[-2];
  EXPECT_EQ(link.what, MountKind(Symlink{.target = "libx.so.570", .to = "/lib/libx.so.1"}));
}

TEST(CdiFlag, RefusesWhatItCannotDoByItsPlace) {
  const auto refusal_of = [](std::string_view edits) {
    const Files files = {
        {"/etc/cdi/a.json", cdi("v.com/c", cat(R"({"name": "x", "containerEdits": )", edits, "}"))}};
    return refusal({"--device", kX}, machine(files, {"/dev/a", "/dev/b"}));
  };
  const std::string place = "cannot use --device v.com/c=x: /etc/cdi/a.json: devices[0].containerEdits.";
  EXPECT_EQ(refusal_of(R"({"hooks": [{"hookName": "poststop", "path": "/bin/x"}]})"),
            place + "hooks[0]: kelp runs no hooks (poststop: /bin/x)");
  EXPECT_THAT(refusal_of(R"({"deviceNodes": [{"path": "/dev/a", "permissions": "r"}]})"),
              HasSubstr(place + "deviceNodes[0].permissions: 'r' cannot be enforced"));
  EXPECT_EQ(refusal_of(R"({"deviceNodes": [{"path": "/dev/absent"}]})"),
            "cannot share /dev/absent (--device v.com/c=x in /etc/cdi/a.json): No such file or directory");
  EXPECT_THAT(
      refusal_of(R"({"deviceNodes": [{"path": "/dev/a"}, {"path": "/dev/a", "hostPath": "/dev/b"}]})"),
      HasSubstr("on /dev/a is /dev/a already"));
  EXPECT_THAT(refusal_of(R"({"additionalGids": [44]})"), HasSubstr("group 44, and kelp adds no groups"));
}

TEST(CdiFlag, LeavesOtherDevicesOfAFileUsable) {
  const Files files = {{"/etc/cdi/a.json", cdi("v.com/c", marked("x", "1") + R"(, {"name": "y",
      "containerEdits": {"intelRdt": {"closID": "a"}}})")}};
  EXPECT_THAT(marks({"--device", kX}, machine(files)), ElementsAre("1"));
  EXPECT_THAT(refusal({"--device", "v.com/c=y"}, machine(files)), HasSubstr("intelRdt"));
}

TEST(CdiFlag, TakesGroupsThatAreKept) {
  const Files files = {
      {"/etc/cdi/a.json", cdi("v.com/c", R"({"name": "x", "containerEdits": {"additionalGids": [44]}})")}};
  EXPECT_TRUE(try_spec({"--device", kX, "--keep-groups"}, machine(files)));
  EXPECT_THAT(hint({"--device", kX}, machine(files)), HasSubstr("--keep-groups"));
}

TEST(Gpus, AreThoseOfTheCdiFiles) {
  const Files files = {
      {"/etc/cdi/amd.json", cdi("amd.com/gpu", marked("all", "amd"))},
      {"/etc/cdi/nvidia.json",
       cdi("nvidia.com/gpu", marked("0", "n0") + "," + marked("1", "n1") + "," + marked("all", "n"))}};
  EXPECT_THAT(marks({"--gpus", "all"}, machine(files)), UnorderedElementsAre("amd", "n"));
  EXPECT_THAT(marks({"--gpus=device=0"}, machine(files)), ElementsAre("n0"));
  EXPECT_THAT(marks({"--gpus=\"device=0,1\""}, machine(files)), ElementsAre("n0", "n1"));
  EXPECT_THAT(marks({"--gpus=0,1"}, machine(files)), ElementsAre("n0", "n1"));
  EXPECT_THAT(refusal({"--gpus=device=7"}, machine(files)), HasSubstr("cannot find nvidia.com/gpu=7"));
}

TEST(Gpus, AreTheNodesWhereNoFileDescribesThem) {
  const Surroundings around =
      machine({}, {"/dev/dri/card0", "/dev/dri/renderD128", "/dev/nvidia0", "/dev/nvidiactl", "/dev/null"});
  const Result<Spec> spec = try_spec({"--gpus=all"}, around);
  ASSERT_TRUE(spec) << spec.error().sentence();
  EXPECT_THAT(nodes(*spec),
              ElementsAre("/dev/dri/card0", "/dev/dri/renderD128", "/dev/nvidia0", "/dev/nvidiactl"));
}

TEST(Gpus, AreRefusedWhereItIsNotClearWhich) {
  EXPECT_THAT(refusal({"--gpus=all"}, machine({})), HasSubstr("there is none in /dev"));
  EXPECT_THAT(refusal({"--gpus=all"}, machine({{"/etc/cdi/nvidia.yaml", "x"}}, {"/dev/nvidia0"})),
              HasSubstr("cannot read /etc/cdi/nvidia.yaml"))
      << "the nodes alone would not do";
  EXPECT_THAT(refusal({"--gpus=2"}, machine({})), HasSubstr("how many GPUs to Docker"));
  EXPECT_THAT(refusal({"--gpus=all,capabilities=utility"}, machine({})), HasSubstr("'capabilities=utility'"));
  EXPECT_THAT(refusal({"--gpus="}, machine({})), HasSubstr("is empty"));
  const Files two = {{"/etc/cdi/a.json", cdi("a.com/gpu", marked("0", "a"))},
                     {"/etc/cdi/b.json", cdi("b.com/gpu", marked("0", "b"))}};
  EXPECT_THAT(refusal({"--gpus=device=0"}, machine(two)), HasSubstr("'0' is a GPU of several vendors"));
}

}  // namespace
}  // namespace kelp::cli
