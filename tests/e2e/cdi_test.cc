// SPDX-License-Identifier: Apache-2.0
// CDI files made for the test, in the caller's own directory: nodes, mounts, variables and the links that
// hooks ask for are in the container, and what kelp cannot do is refused.
#include "e2e/container.h"
#include "sys/library.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class CdiFile : public testing::Test {
 protected:
  CdiFile() { place_.file("libx.so.570", "library\n"); }

  void write(const std::string& name, const std::string& text) { place_.file("config/cdi/" + name, text); }

  Outcome probe(const std::string& script, const Argv& options, const std::string& root = small_root()) {
    Argv words = {"env", "XDG_CONFIG_HOME=" + place_.path() + "/config", kelp_binary(), "run"};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {root, "sh", "-c", script});
    return run(words);
  }

  std::string json() const {
    return R"({"cdiVersion": "0.6.0", "kind": "kelp.test/dev",
 "containerEdits": {"env": ["OF_ALL=1"]},
 "devices": [{"name": "full", "containerEdits": {
   "env": ["OF_DEVICE=2"],
   "deviceNodes": [{"path": "/dev/mine", "hostPath": "/dev/full", "permissions": "rwm"}],
   "mounts": [{"hostPath": ")" +
           place_.path() + R"(/libx.so.570", "containerPath": "/opt/lib/libx.so.570",
               "options": ["ro", "nosuid", "nodev", "rbind"]}],
   "hooks": [{"hookName": "createContainer", "path": "/usr/bin/nvidia-cdi-hook",
     "args": ["nvidia-cdi-hook", "create-symlinks", "--link", "libx.so.570::/opt/lib/libx.so"]}]}}]})";
  }

  std::string yaml() const {
    return "---\ncdiVersion: 0.6.0\nkind: kelp.test/dev\ncontainerEdits:\n  env:\n  - OF_ALL=1\ndevices:\n"
           "- name: full\n  containerEdits:\n    env:\n    - OF_DEVICE=2\n    deviceNodes:\n    - path: "
           "/dev/mine\n"
           "      hostPath: /dev/full\n    mounts:\n    - hostPath: " +
           place_.path() +
           "/libx.so.570\n      containerPath: /opt/lib/libx.so.570\n      options: [ro, nosuid, nodev, "
           "rbind]\n"
           "    hooks:\n    - hookName: createContainer\n      path: /usr/bin/nvidia-cdi-hook\n      args:\n"
           "      - nvidia-cdi-hook\n      - create-symlinks\n      - --link\n"
           "      - libx.so.570::/opt/lib/libx.so\n";
  }

  TempDir place_;
};

constexpr char kAll[] =
    "echo $OF_ALL$OF_DEVICE; cat /opt/lib/libx.so; echo x >/opt/lib/libx.so.570; echo x >/dev/mine";
const Argv kFull = {"--overlay", "--device", "kelp.test/dev=full"};

void expect_all(const Outcome& outcome) {
  EXPECT_EQ(outcome.out, "12\nlibrary\n") << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("Read-only file system"));
  EXPECT_THAT(outcome.err, HasSubstr("No space left on device"));
}

TEST_F(CdiFile, InJsonGivesAllThatItSays) {
  EXPECT_THAT(probe(kAll, kFull), CannotStart()) << "no file says so yet";
  write("test.json", json());
  expect_all(probe(kAll, kFull));
  const Outcome without = probe(kAll, {"--overlay"});
  EXPECT_EQ(without.out, "\n") << "unless it is asked for";
}

TEST_F(CdiFile, InYamlGivesTheSame) {
  KELP_REQUIRE(sys::Library({"libyaml-0.so.2"}).is_loaded(), "libyaml is not installed");
  write("test.yaml", yaml());
  expect_all(probe(kAll, kFull));
}

TEST_F(CdiFile, GivesTheSameOnAnEmptyRoot) {
  write("test.json", json());
  const Argv options = {"-v", small_root() + "/bin:/bin", "--device=kelp.test/dev=full"};
  expect_all(probe(kAll, options, "empty"));
}

TEST_F(CdiFile, MakesTheLinksOfLdconfigFromTheLibrariesThemselves) {
  const Outcome found = run({"sh", "-c",
                             "for f in /lib*/libz.so.1.* /lib/*/libz.so.1.* /lib/*/libc.so.6; do "
                             "[ -f $f ] && readlink -f $f && break; done"});
  const std::string library = found.out.substr(0, found.out.find('\n'));
  KELP_REQUIRE(library.starts_with("/"), "no library was found");
  const std::string soname = library.find("libz") != std::string::npos ? "libz.so.1" : "libc.so.6";
  write("test.json", R"({"cdiVersion": "0.6.0", "kind": "kelp.test/dev", "devices": [{"name": "lib"}],
 "containerEdits": {"mounts": [{"hostPath": ")" +
                         library + R"(", "containerPath": "/opt/lib/real"}],
   "hooks": [{"hookName": "createContainer", "path": "/usr/bin/nvidia-cdi-hook",
     "args": ["nvidia-cdi-hook", "update-ldcache", "--folder", "/opt/lib"]}]}})");
  const Outcome outcome = probe("readlink /opt/lib/" + soname, {"--overlay", "--device=kelp.test/dev=lib"});
  EXPECT_EQ(outcome.out, "real\n") << outcome.err;
}

// As nvidia-ctk writes it.
TEST_F(CdiFile, GetsItsLinksAndModesInDev) {
  KELP_REQUIRE(sys::Library({"libyaml-0.so.2"}).is_loaded(), "libyaml is not installed");
  write("test.yaml", R"(---
cdiVersion: 0.5.0
containerEdits:
  env:
  - NVIDIA_VISIBLE_DEVICES=void
  hooks:
  - args:
    - nvidia-cdi-hook
    - enable-cuda-compat
    - --host-driver-version=570.86.15
    env:
    - NVIDIA_CTK_DEBUG=false
    hookName: createContainer
    path: /usr/bin/nvidia-cdi-hook
devices:
- containerEdits:
    deviceNodes:
    - path: /dev/sub/card0
      hostPath: /dev/full
    hooks:
    - args:
      - nvidia-ctk
      - hook
      - create-symlinks
      - --link
      - ../card0::/dev/sub/by-path/pci-0000:00:05.0-card
      hookName: createContainer
      path: /usr/bin/nvidia-ctk
    - args:
      - nvidia-cdi-hook
      - chmod
      - --mode
      - "711"
      - --path
      - /dev/sub
      hookName: createContainer
      path: /usr/bin/nvidia-cdi-hook
  name: "0"
kind: kelp.test/dev
)");
  const Outcome seen = probe(
      "echo $NVIDIA_VISIBLE_DEVICES; stat -c %a /dev/sub; head -c 1 /dev/sub/by-path/pci-0000:00:05.0-card | "
      "od -An "
      "-tx1",
      {"--device", "kelp.test/dev=0"});
  EXPECT_EQ(seen.out, "void\n711\n 00\n") << seen.err;
}

TEST_F(CdiFile, WithErrorsIsRefusedWithThePlace) {
  write("test.json", R"({"cdiVersion": "0.6.0", "kind": "kelp.test/dev", "devices": [{"name": 5}]})");
  const Outcome broken = probe("true", kFull);
  EXPECT_THAT(broken, CannotStart());
  EXPECT_THAT(broken.err, HasSubstr("kelp: cannot find kelp.test/dev=full: no CDI file describes it\n"));
  EXPECT_THAT(broken.err, HasSubstr("config/cdi/test.json: devices[0].name: it is no text\n"));
}

TEST_F(CdiFile, WithAHookThatKelpDoesNotKnowIsRefusedByName) {
  write("test.json", R"({"cdiVersion": "0.6.0", "kind": "kelp.test/dev", "devices": [{"name": "full"}],
    "containerEdits": {"hooks": [{"hookName": "createRuntime", "path": "/bin/touch", "args": ["touch", ")" +
                         place_.path() + R"(/ran"]}]}})");
  const Outcome refused = probe("true", kFull);
  EXPECT_THAT(refused, CannotStart());
  EXPECT_THAT(refused.err,
              HasSubstr("containerEdits.hooks[0]: kelp runs no hooks (createRuntime: /bin/touch)"));
  EXPECT_FALSE(fs::exists(place_.path() + "/ran"));
}

TEST_F(CdiFile, GivesGpusByTheShortForm) {
  std::string text = json();
  text.replace(text.find("kelp.test/dev"), 13, "kelp.test/gpu");
  text.replace(text.find("\"full\""), 6, "\"all\"");
  write("test.json", text);
  expect_all(probe(kAll, {"--overlay", "--gpus", "all"}));
}

}  // namespace
}  // namespace kelp::harness
