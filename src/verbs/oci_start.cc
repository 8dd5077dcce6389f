// SPDX-License-Identifier: Apache-2.0
// `kelp-oci start`: the word to a container that waits for it.
#include <unistd.h>

#include <cerrno>

#include "base/text.h"
#include "launch/leave.h"
#include "oci/state.h"
#include "sys/files.h"
#include "verbs/oci_delete.h"
#include "verbs/oci_hooks.h"
#include "verbs/oci_notify.h"
#include "verbs/oci_place.h"
#include "verbs/oci_verbs.h"

namespace kelp::verbs {
namespace {

Status check_can_start(state::LifeStatus status) {
  switch (status) {
    case state::LifeStatus::kCreated: return {};
    case state::LifeStatus::kCreating: return oci::refusal("cannot start a container that was never created");
    case state::LifeStatus::kStopped: return oci::refusal("cannot start a container that has stopped");
    case state::LifeStatus::kRunning:
    case state::LifeStatus::kPaused: break;
  }
  return oci::refusal("cannot start an already running container");
}

// Its hooks after the start; where one fails the container ends (runtime.md, "Lifecycle").
Status poststart(const state::Entry& entry, const state::Record& record) {
  const Result<Hooks> hooks = saved_hooks(entry, record, "poststart");
  Status done = hooks ? run_hooks(hooks->poststart, state_of(record, "running", record.init.pid))
                      : Status(hooks.error());
  if (!done) (void)end_processes(record);
  return done;
}

}  // namespace

Result<int> oci_start(const OciCall& call) {
  const Result<state::Store> store = open_store(call.arguments);
  if (!store) return store.error();
  const Result<state::Entry> entry = store->hold(call.arguments.id);
  if (!entry && entry.error().code() == ENOENT) return no_container();
  if (!entry) return entry.error();
  const Result<std::optional<state::Record>> record = entry->read();
  if (!record) return record.error();
  if (!*record) return no_container();
  if (Status s = check_can_start(state::status_of(*entry, **record)); !s) return s.error();
  // One that stands still would keep us waiting.
  if (state::is_frozen((*record)->cgroup)) return oci::refusal("cannot start a paused container");
  const oci::StateText text = oci::state_around_pid(state_of(**record, "created", 0));
  const std::string path = cat(sys::proc_path(entry->fd()), "/", state::kStartName);
  if (Status s = launch::tell_start(path, text.before, text.after); !s) {
    if (s.error().code() == ECONNREFUSED || s.error().code() == ENOENT)
      return oci::refusal("cannot start an already running container");
    return s.error();
  }
  entry->forget_start();
  notify_main_process((*record)->init.pid);
  if (Status s = poststart(*entry, **record); !s) return s.error();
  return 0;
}

}  // namespace kelp::verbs
