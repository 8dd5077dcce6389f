// SPDX-License-Identifier: Apache-2.0
// Makes and removes the temporary directory. Sources of binds are directories and files in turn, each its own
// inode.
#include "scene.h"

#include <stdlib.h>
#include <unistd.h>

#include <fstream>

#include "interrupt.h"

namespace kelp::bench {
namespace {

namespace fs = std::filesystem;

void write_text(const fs::path& path, const std::string& text) {
  if (!(std::ofstream(path) << text << std::flush)) throw Failure("cannot write " + path.string());
}

void make_bind_ends(const fs::path& sources, const fs::path& targets, int binds) {
  for (int i = 0; i < binds; ++i) {
    for (const fs::path& end : {sources / std::to_string(i), targets / std::to_string(i)}) {
      if (i % 2 == 0) {
        fs::create_directory(end);
      } else {
        write_text(end, "");
      }
    }
  }
}

// What `full` of the floor sets up, in the words of the OCI runtime specification.
std::string bundle_config(const fs::path& root) {
  std::string ids = R"(, "uidMappings": [{"containerID": 0, "hostID": )" + std::to_string(getuid()) +
                    R"(, "size": 1}], "gidMappings": [{"containerID": 0, "hostID": )" +
                    std::to_string(getgid()) + R"(, "size": 1}])";
  return R"({"ociVersion": "1.0.2", "root": {"path": ")" + root.string() + R"("}, "hostname": "bench",
"process": {"terminal": false, "user": {"uid": 0, "gid": 0}, "args": ["/bin/true"], "env": ["PATH=/bin"], "cwd": "/", "noNewPrivileges": true},
"mounts": [
{"destination": "/proc", "type": "proc", "source": "proc"},
{"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=65536k"]},
{"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
{"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev", "mode=1777"]},
{"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nosuid", "noexec", "nodev"]},
{"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]},
{"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev", "mode=1777"]}],
"linux": {"namespaces": [{"type": "user"}, {"type": "mount"}, {"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "cgroup"}, {"type": "network"}])" +
         ids + "}}\n";
}

}  // namespace

Scene::Scene(const std::string& program, int binds) {
  std::string name = (fs::temp_directory_path() / "kelp-bench-XXXXXX").string();
  if (!mkdtemp(name.data()))
    throw Failure("cannot make a temporary directory in " + fs::temp_directory_path().string());
  top_ = name;
  try {
    const fs::path root = top_ / "root";
    for (const char* directory : {"bin", "dev", "etc", "mnt", "proc", "run", "sys", "tmp", "root"})
      fs::create_directories(root / directory);
    for (const char* directory : {"sources", "bundle", "state"}) fs::create_directories(top_ / directory);
    fs::copy_file(program, root / "bin/true");
    write_text(root / "etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
    write_text(root / "etc/group", "root:x:0:\n");
    write_text(top_ / "bundle/config.json", bundle_config(root));
    make_bind_ends(top_ / "sources", root / "mnt", binds);
  } catch (const fs::filesystem_error& error) {
    std::error_code ignored;
    fs::remove_all(top_, ignored);
    throw Failure(error.what());
  }
}

Scene::~Scene() {
  std::error_code ignored;
  fs::remove_all(top_, ignored);
}

}  // namespace kelp::bench
