// SPDX-License-Identifier: Apache-2.0
// `kelp-oci delete`; see oci_delete.h.
#include "verbs/oci_delete.h"

#include <poll.h>

#include <cerrno>
#include <csignal>

#include "base/text.h"
#include "launch/managed_cgroup.h"
#include "verbs/oci_hooks.h"
#include "verbs/oci_place.h"
#include "verbs/oci_processes.h"
#include "verbs/oci_verbs.h"

namespace kelp::verbs {
namespace {

constexpr int kPatienceMs = 10'000;

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
    if (const Result<bool> sent = state::signal_process(process->get(), SIGKILL); !sent) return sent.error();
  }
  // Those beside it, of a container without a pid namespace of its own.
  if (Status s = signal_all(record, SIGKILL); !s) return s;
  if (!process->valid()) return {};
  pollfd ended{.fd = process->get(), .events = POLLIN, .revents = 0};
  if (::poll(&ended, 1, kPatienceMs) == 1) return {};
  return Error(cat("kill process ", record.init.pid), "it does not end");
}

Status remove_container(const state::Store& store, state::Entry entry, const state::Record& record,
                        const OciLog& log) {
  if (!record.cgroup.empty()) {
    if (Status s = launch::remove_managed_cgroup(record.cgroup); !s) return s;
  }
  // Before its files go: a hook that cleans up for others is rather run twice than not at all.
  const Result<Hooks> hooks = saved_hooks(entry, record, "poststop");
  if (!hooks) log.warning(hooks.error().sentence());
  if (hooks) {
    for (const std::string& text : run_all_hooks(hooks->poststop, state_of(record, "stopped", 0)))
      log.warning(text);
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
  // What cannot be read may be about a container that lives.
  if (!record) return record.error();
  if (!*record) {
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
