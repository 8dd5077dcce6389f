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

// The default bundle: what `spec --rootless` of the runtimes writes, but for a network of its own and the
// cgroups, which not every machine has.
std::string bundle_config(const fs::path& root, const std::string& args, const std::string& mounts = {}) {
  const auto map = [](unsigned id) {
    return R"([{"containerID": 0, "hostID": )" + std::to_string(id) + R"(, "size": 1}])";
  };
  const std::string capabilities = R"(["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"])";
  return R"({"ociVersion": "1.0.2", "root": {"path": ")" + root.string() + R"("}, "hostname": "bench",
"process": {"terminal": false, "user": {"uid": 0, "gid": 0}, "args": [)" +
         args + R"(], "env": ["PATH=/bin", "TERM=xterm"], "cwd": "/", "noNewPrivileges": true,
"capabilities": {"bounding": )" +
         capabilities + R"(, "effective": )" + capabilities + R"(, "permitted": )" + capabilities + R"(},
"rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024}]},
"mounts": [
{"destination": "/proc", "type": "proc", "source": "proc"},
{"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
{"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
{"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]},
{"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nosuid", "noexec", "nodev"]},
{"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]})" +
         mounts + R"(],
"linux": {"namespaces": [{"type": "user"}, {"type": "mount"}, {"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "cgroup"}, {"type": "network"}],
"maskedPaths": ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"],
"readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
"uidMappings": )" +
         map(getuid()) + R"(, "gidMappings": )" + map(getgid()) + "}}\n";
}

void make_bundle(const fs::path& bundle, const std::string& config) {
  fs::create_directory(bundle);
  write_text(bundle / "config.json", config);
}

fs::path new_directory(const fs::path& in) {
  std::string name = (in / "kelp-bench-XXXXXX").string();
  if (!mkdtemp(name.data())) throw Failure("cannot make a temporary directory in " + in.string());
  return name;
}

void remove(const fs::path& one, const fs::path& other) {
  std::error_code ignored;
  fs::remove_all(one, ignored);
  fs::remove_all(other, ignored);
}

}  // namespace

Scene::Scene(const std::string& program, int binds) {
  top_ = new_directory(fs::temp_directory_path());
  state_ = new_directory("/dev/shm");
  try {
    const fs::path root = top_ / "root";
    for (const char* directory : {"bin", "dev", "etc", "mnt", "proc", "run", "sys", "tmp", "root"})
      fs::create_directories(root / directory);
    fs::create_directory(top_ / "sources");
    fs::copy_file(program, root / "bin/true");
    write_text(root / "etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
    write_text(root / "etc/group", "root:x:0:\n");
    make_bundle(bundle(), bundle_config(root, R"("/bin/true")"));
    make_bundle(waiting_bundle(), bundle_config(root, R"("/bin/true", "wait")"));
    make_bundle(idle_bundle(), bundle_config(root, R"("/bin/true", "idle")"));
    make_bind_ends(top_ / "sources", root / "mnt", binds);
  } catch (const fs::filesystem_error& error) {
    remove(top_, state_);
    throw Failure(error.what());
  }
}

Scene::~Scene() { remove(top_, state_); }

std::string Scene::bundle_with(int binds) const {
  const std::string path = file("bundle-" + std::to_string(binds));
  if (fs::exists(path)) return path;
  std::string mounts;
  for (int i = 0; i < binds; ++i) {
    const std::string name = std::to_string(i);
    mounts += R"(,
{"destination": "/mnt/)" +
              name + R"(", "type": "bind", "source": ")" + sources() + "/" + name +
              R"(", "options": ["bind", "ro"]})";
  }
  make_bundle(path, bundle_config(root(), R"("/bin/true")", mounts));
  return path;
}

}  // namespace kelp::bench
