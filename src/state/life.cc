// SPDX-License-Identifier: Apache-2.0
// Whether a container lives; see life.h.
// Runs in: parent.
#include "state/life.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/process.h"

namespace kelp::state {
namespace {

constexpr std::size_t kStartTime = 19;  // field 22: the 20th behind the name

// Field 22 of proc_pid_stat(5). The name of the process, in parentheses, may hold anything.
std::optional<std::uint64_t> start_time_of(pid_t pid) {
  const Result<std::string> text = sys::read_proc(cat("/proc/", pid, "/stat"));
  if (!text) return std::nullopt;
  const std::size_t behind = text->rfind(") ");
  if (behind == std::string::npos) return std::nullopt;
  const std::vector<std::string_view> fields = split(std::string_view(*text).substr(behind + 2), ' ');
  if (fields.size() <= kStartTime) return std::nullopt;
  return read_decimal(fields[kStartTime], UINT64_MAX);
}

}  // namespace

std::string_view name_of(LifeStatus status) {
  switch (status) {
    case LifeStatus::kCreating: return "creating";
    case LifeStatus::kCreated: return "created";
    case LifeStatus::kRunning: return "running";
    case LifeStatus::kPaused: return "paused";
    case LifeStatus::kStopped: break;
  }
  return "stopped";
}

std::optional<ProcessName> process_name(pid_t pid) {
  const std::optional<std::uint64_t> time = start_time_of(pid);
  if (!time) return std::nullopt;
  return ProcessName{.pid = pid, .start_time = *time};
}

std::uint64_t user_namespace_of(pid_t pid) {
  struct stat info{};
  return ::stat(cat("/proc/", pid, "/ns/user").c_str(), &info) == 0 ? info.st_ino : 0;
}

Result<sys::UniqueFd> open_process(const ProcessName& name) {
  if (name.pid <= 0) return sys::UniqueFd();
  sys::UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, name.pid, 0)));
  if (!pidfd.valid()) {
    // EINVAL: the number is of a thread by now.
    if (errno == ESRCH || errno == EINVAL) return sys::UniqueFd();
    return sys::failure(cat("open process ", name.pid));
  }
  // What was read is of the process that is held, as long as that has not ended.
  const std::optional<std::uint64_t> time = start_time_of(name.pid);
  if (sys::has_ended(pidfd.get()) || time != name.start_time) return sys::UniqueFd();
  return pidfd;
}

Result<bool> signal_process(int pidfd, int signal) {
  if (::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0) == 0) return true;
  if (errno == ESRCH) return false;
  return sys::failure("signal the container's process");
}

LifeStatus status_of(const Entry& entry, const Record& record) {
  const Result<sys::UniqueFd> process = open_process(record.init);
  // Between its first record and its process: only who holds it can tell that it is still being made.
  if (process && !process->valid())
    return record.init.pid == 0 && entry.is_held() ? LifeStatus::kCreating : LifeStatus::kStopped;
  if (!record.is_complete) return LifeStatus::kCreating;
  if (record.waits_for_start) {
    const Result<sys::UniqueFd> waits = entry.connect();
    // EAGAIN: it has not taken the connections of others yet.
    if (waits || waits.error().code() == EAGAIN) return LifeStatus::kCreated;
  }
  return is_frozen(record.cgroup) ? LifeStatus::kPaused : LifeStatus::kRunning;
}

bool is_frozen(const std::string& cgroup) {
  if (cgroup.empty()) return false;
  const Result<std::string> events = sys::read_proc(cat(cgroup, "/cgroup.events"));
  return events && events->find("frozen 1") != std::string::npos;
}

}  // namespace kelp::state
