// SPDX-License-Identifier: Apache-2.0
// The processes of a container; see oci_processes.h.
#include "verbs/oci_processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <memory>
#include <string>

#include "base/text.h"
#include "launch/cgroup_files.h"
#include "state/life.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/unique_fd.h"

namespace kelp::verbs {
namespace {

constexpr unsigned kMostDepth = 64;  // of cgroups that a container has made in its own
constexpr std::size_t kMostText = 16U << 20U;
constexpr int kRounds = 200;  // of killing; some may be born meanwhile
constexpr timespec kPause = {.tv_sec = 0, .tv_nsec = 10'000'000};

using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;
Directory list_of(sys::UniqueFd fd) {
  Directory list(::fdopendir(fd.get()), ::closedir);
  if (list) (void)fd.release();
  return list;
}

// A cgroup that goes meanwhile has nobody in it.
Status gather(int cgroup_fd, unsigned depth, std::vector<pid_t>& pids) {
  Result<sys::UniqueFd> file = sys::open_at(cgroup_fd, "cgroup.procs", O_RDONLY | O_NOFOLLOW);
  if (!file && file.error().code() == ENOENT) return {};
  if (!file) return file.error();
  const Result<std::string> text = sys::read_all(file->get(), kMostText, "cgroup.procs");
  if (!text && text.error().code() != ENODEV && text.error().code() != EOPNOTSUPP) return text.error();
  for (const std::string_view line : split(text ? std::string_view(*text) : std::string_view(), '\n')) {
    const std::optional<std::uint64_t> pid = read_decimal(line, INT32_MAX);
    if (pid && *pid > 0) pids.push_back(static_cast<pid_t>(*pid));  // 0: of a pid namespace that is not ours
  }
  if (depth == 0) return Error("list the container's processes", "its cgroups are nested too deeply");
  Result<sys::UniqueFd> again = sys::open_at(cgroup_fd, ".", O_RDONLY | O_DIRECTORY);
  if (!again) return {};
  const Directory list = list_of(std::move(*again));
  while (const dirent* const entry = list ? ::readdir(list.get()) : nullptr) {
    if (entry->d_type != DT_DIR || entry->d_name[0] == '.') continue;
    const Result<sys::UniqueFd> below =
        sys::open_at(cgroup_fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!below) continue;
    if (Status s = gather(below->get(), depth - 1, pids); !s) return s;
  }
  return {};
}

struct NamespaceId {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const NamespaceId&) const = default;
};
std::optional<NamespaceId> pid_namespace_of(const std::string& process) {
  struct stat info{};
  if (::stat(cat("/proc/", process, "/ns/pid").c_str(), &info) != 0) return std::nullopt;
  return NamespaceId{.device = info.st_dev, .inode = info.st_ino};
}

std::vector<pid_t> in_pid_namespace(const NamespaceId& wanted) {
  std::vector<pid_t> pids;
  const Directory list(::opendir("/proc"), ::closedir);
  while (const dirent* const entry = list ? ::readdir(list.get()) : nullptr) {
    const std::optional<std::uint64_t> pid = read_decimal(entry->d_name, INT32_MAX);
    if (pid && pid_namespace_of(entry->d_name) == wanted) pids.push_back(static_cast<pid_t>(*pid));
  }
  return pids;
}

bool has_cgroup(const state::Record& record) { return !record.cgroup.empty(); }

Result<std::vector<pid_t>> without_cgroup(const state::Record& record) {
  const Result<sys::UniqueFd> init = state::open_process(record.init);
  if (!init) return init.error();
  if (!init->valid()) return std::vector<pid_t>();
  const std::optional<NamespaceId> theirs = pid_namespace_of(std::to_string(record.init.pid));
  // One that shares our pid namespace: nothing tells which of the others are its.
  if (!theirs || theirs == pid_namespace_of("self")) return std::vector<pid_t>{record.init.pid};
  return in_pid_namespace(*theirs);
}

Status signal_each(const std::vector<pid_t>& pids, int signal) {
  for (const pid_t pid : pids) {
    if (::kill(pid, signal) != 0 && errno != ESRCH) return sys::failure(cat("signal process ", pid));
  }
  return {};
}

bool kill_by_cgroup(const state::Record& record) {
  const Result<sys::UniqueFd> cgroup = launch::open_cgroup(record.cgroup);
  return cgroup && launch::write_cgroup_file(cgroup->get(), record.cgroup, "cgroup.kill", "1").has_value();
}

}  // namespace

Result<std::vector<pid_t>> processes_of(const state::Record& record) {
  std::vector<pid_t> pids;
  if (has_cgroup(record)) {
    const Result<sys::UniqueFd> cgroup = launch::open_cgroup(record.cgroup);
    if (!cgroup && cgroup.error().code() == ENOENT) return pids;
    if (!cgroup) return cgroup.error();
    if (Status s = gather(cgroup->get(), kMostDepth, pids); !s) return s.error();
  } else {
    Result<std::vector<pid_t>> found = without_cgroup(record);
    if (!found) return found;
    pids = std::move(*found);
  }
  std::ranges::sort(pids);
  return pids;
}

Status signal_all(const state::Record& record, int signal) {
  if (signal != SIGKILL) {
    const Result<std::vector<pid_t>> pids = processes_of(record);
    return pids ? signal_each(*pids, signal) : Status(pids.error());
  }
  if (has_cgroup(record) && kill_by_cgroup(record)) return {};
  for (int i = 0; i < kRounds; ++i) {
    const Result<std::vector<pid_t>> pids = processes_of(record);
    if (!pids) return pids.error();
    if (pids->empty()) return {};
    if (Status s = signal_each(*pids, signal); !s) return s;
    (void)::nanosleep(&kPause, nullptr);
  }
  return Error("kill the container's processes", "there are always new ones");
}

}  // namespace kelp::verbs
