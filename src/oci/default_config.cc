// SPDX-License-Identifier: Apache-2.0
// A config.json to begin with; see documents.h. Those who write bundles by hand know this one from runc.
#include <nlohmann/json.hpp>

#include <string>

#include "base/text.h"
#include "oci/config.h"
#include "oci/documents.h"

namespace kelp::oci {
namespace {

using Document = nlohmann::ordered_json;

constexpr std::string_view kCommon = R"({
  "ociVersion": "",
  "process": {
    "terminal": true,
    "user": {"uid": 0, "gid": 0},
    "args": ["sh"],
    "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
    "cwd": "/",
    "capabilities": {
      "bounding": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
      "effective": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
      "permitted": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
    },
    "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024}],
    "noNewPrivileges": true
  },
  "root": {"path": "rootfs", "readonly": true},
  "hostname": "kelp",
  "mounts": [
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
     "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
    {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
     "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
    {"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
     "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]},
    {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nosuid", "noexec", "nodev"]},
    {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]},
    {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
     "options": ["nosuid", "noexec", "nodev", "relatime", "ro"]}
  ],
  "linux": {
    "namespaces": [{"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}, {"type": "cgroup"}],
    "maskedPaths": ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
                    "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi"],
    "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
  }
})";

constexpr std::size_t kPts = 2, kSys = 5;  // of `mounts`

// The network of the caller's, which a program of its own would have to connect; sysfs needs one's own.
void make_rootless(const DefaultUser& user, Document& document) {
  document["mounts"][kSys] = {{"destination", "/sys"},
                              {"type", "none"},
                              {"source", "/sys"},
                              {"options", {"rbind", "nosuid", "noexec", "nodev", "ro"}}};
  Document& linux_part = document["linux"];
  linux_part["uidMappings"] = Document::array({{{"containerID", 0}, {"hostID", user.user}, {"size", 1}}});
  linux_part["gidMappings"] = Document::array({{{"containerID", 0}, {"hostID", user.group}, {"size", 1}}});
  linux_part["namespaces"].push_back({{"type", "user"}});
}

void make_roots(Document& document) {
  document["mounts"][kPts]["options"].push_back("gid=5");
  Document& linux_part = document["linux"];
  linux_part["resources"] = {{"devices", Document::array({{{"allow", false}, {"access", "rwm"}}})}};
  linux_part["namespaces"].push_back({{"type", "network"}});
}

}  // namespace

std::string default_config(const DefaultUser& user) {
  Document document = Document::parse(kCommon);
  document["ociVersion"] = kVersion;
  if (user.is_rootless) {
    make_rootless(user, document);
  } else {
    make_roots(document);
  }
  return document.dump(1, '\t') + "\n";
}

}  // namespace kelp::oci
