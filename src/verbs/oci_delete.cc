// SPDX-License-Identifier: Apache-2.0
// `kelp-oci delete`; see oci_delete.h.
#include "verbs/oci_delete.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>

#include "base/text.h"
#include "launch/cgroup_files.h"
#include "sys/failure.h"
#include "verbs/oci_place.h"
#include "verbs/oci_processes.h"
#include "verbs/oci_verbs.h"

namespace kelp::verbs {
namespace {

constexpr int kPatienceMs = 10'000;
constexpr int kTries = 500;  // of a hundredth of a second: the kernel ends a process a moment later
constexpr timespec kPause = {.tv_sec = 0, .tv_nsec = 10'000'000};

// One that is frozen takes even SIGKILL in version 2, once it has gone on in older kernels.
Status remove_cgroup(const std::string& directory) {
  const std::size_t slash = directory.rfind('/');
  if (slash == std::string::npos || slash == 0) return {};
  const Result<sys::UniqueFd> around = launch::open_cgroup(directory.substr(0, slash));
  if (!around && around.error().code() == ENOENT) return {};
  if (!around) return around.error();
  const std::string name = directory.substr(slash + 1);
  Status removed;
  for (int i = 0; i < kTries; ++i) {
    removed = launch::remove_cgroups(around->get(), name);
    if (removed || removed.error().code() != EBUSY) return removed;
    (void)::nanosleep(&kPause, nullptr);
  }
  return removed;
}

Error not_stopped(const std::string& id, state::LifeStatus status) {
  return oci::refusal(cat("cannot delete container ", id, " that is not stopped: ", name_of(status)));
}

// As runc has it, what was never started may go without --force. Nobody else holds it here: a container that
// is still "creating" will never be created.
bool may_be_ended(state::LifeStatus status) {
  switch (status) {
    case state::LifeStatus::kCreating:
    case state::LifeStatus::kCreated:
    case state::LifeStatus::kStopped: return true;
    case state::LifeStatus::kRunning:
    case state::LifeStatus::kPaused: break;
  }
  return false;
}

}  // namespace

Status end_processes(const state::Record& record) {
  const Result<sys::UniqueFd> process = state::open_process(record.init);
  if (!process) return process.error();
  if (process->valid()) {
    if (::syscall(SYS_pidfd_send_signal, process->get(), SIGKILL, nullptr, 0) != 0 && errno != ESRCH)
      return sys::failure(cat("kill process ", record.init.pid));
  }
  // Those beside it, of a container without a pid namespace of its own.
  if (Status s = signal_all(record, SIGKILL); !s) return s;
  if (!process->valid()) return {};
  pollfd ended{.fd = process->get(), .events = POLLIN, .revents = 0};
  if (::poll(&ended, 1, kPatienceMs) == 1) return {};
  return Error(cat("kill process ", record.init.pid), "it does not end");
}

Status remove_container(const state::Store& store, state::Entry entry, const state::Record& record,
                        const OciLog& /*log*/) {
  if (!record.cgroup.empty()) {
    if (Status s = remove_cgroup(record.cgroup); !s) return s;
  }
  return store.remove(std::move(entry));
}

Result<int> oci_delete(const OciCall& call) {
  const oci::Arguments& arguments = call.arguments;
  const Result<state::Store> store = open_store(arguments);
  if (!store) return store.error();
  Result<state::Entry> entry = store->hold(arguments.id);
  if (!entry && entry.error().code() == ENOENT) {
    if (arguments.force) return 0;
    return no_container();
  }
  if (!entry) return entry.error();
  const Result<std::optional<state::Record>> record = entry->read();
  if (!record && !arguments.force) return record.error();
  if (!record || !*record) {
    if (Status s = store->remove(std::move(*entry)); !s) return s.error();
    return 0;
  }
  const state::LifeStatus status = state::status_of(*entry, **record);
  if (!arguments.force && !may_be_ended(status)) return not_stopped(arguments.id, status);
  if (Status s = end_processes(**record); !s) return s.error();
  if (Status s = remove_container(*store, std::move(*entry), **record, call.log); !s) return s.error();
  return 0;
}

}  // namespace kelp::verbs
