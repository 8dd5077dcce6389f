// SPDX-License-Identifier: Apache-2.0
// The parent's half of a start; see start.h.
// Runs in: parent.
#include "launch/start.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "child/play.h"
#include "launch/clock.h"
#include "launch/descriptors.h"
#include "launch/ends.h"
#include "launch/explain.h"
#include "launch/id_maps.h"
#include "launch/joined.h"
#include "launch/managed_cgroup.h"
#include "launch/net_devices.h"
#include "launch/orphans.h"
#include "launch/patience.h"
#include "launch/relay.h"
#include "launch/reports.h"
#include "launch/scope.h"
#include "launch/signals.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/pipe.h"

namespace kelp::launch {
namespace {

// The /proc files of a child that is being killed answer anything, EACCES for one; its end takes a moment.
bool ends_soon(const sys::Process& process) {
  constexpr int kMomentMs = 50;
  pollfd entry{.fd = process.pidfd(), .events = POLLIN, .revents = 0};
  return ::poll(&entry, 1, kMomentMs) == 1;
}

bool was_out_of_memory(const Cgroup& cgroup) {
  return cgroup.exists() && cgroup.usage().oom_kills.value_or(0) > 0;
}

// A clone into a cgroup, which no older call stands in for.
Error explain_clone_into(const Cgroup& cgroup, Error error) {
  switch (error.code()) {
    case ENOSYS:
      return Error("start a process in the container's cgroup",
                   "a seccomp filter set from outside hides clone3, and nothing else can");
    case EACCES:
    case EBUSY:
    case EOPNOTSUPP: return std::move(error).after(cat("in the cgroup ", cgroup.path()));
    default: return explain_clone(std::move(error));
  }
}

Error explain_no_memory(const plan::Plan& plan, const Error& error) {
  const Origin& limit = plan.cgroup ? plan.cgroup->origin : plan.managed_cgroup->origin;
  return Error("start the container", cat("its set-up needs more memory than ", limit.text, " leaves"))
      .with_status(error.status());
}

// The child tells: who may not trace cannot look into one that is hidden.
Status tell_birth(const AtBirth& at_birth, int namespaces_fd, Running& running) {
  const Result<sys::NamespaceNumbers> namespaces = sys::hear_namespaces(namespaces_fd);
  if (!namespaces)
    return ends_soon(running.process) ? explain_silent_end(running.process) : namespaces.error();
  for (const Words& words : at_birth(running.process.pid(), *namespaces)) {
    if (Status s = write_patiently(words.fd, words.text, words.name, running); !s) {
      const bool has_ended = running.process.pid() >= 0 && sys::has_ended(running.process.pidfd());
      return has_ended ? explain_silent_end(running.process) : s;
    }
    if (words.closes) ::close(words.fd);
  }
  return {};
}

// Ids, network and unit, while the child waits for them.
Status give_from_outside(const plan::Plan& plan, Running& running) {
  if (plan.managed_cgroup && plan.managed_cgroup->unit) {
    if (Status s =
            enter_unit(*plan.managed_cgroup, running.process.pid(), running.deadline_us, running.cgroup);
        !s)
      return s;
  }
  if (plan.ids.writer == plan::MapWriter::kOthers) {
    if (Status s = wait_for_maps(plan.ids.ready_fd, running); !s) return s;
  }
  const auto patience = [&](std::span<const int> fds) {
    return wait_for_any(fds, Stage::kSettingUp, running);
  };
  if (Status s = write_id_maps(plan.ids, running.process.pid(), patience); !s) {
    if (running.process.pid() < 0) return s;  // a signal or --timeout has ended it
    if (ends_soon(running.process)) return explain_silent_end(running.process);
    return explain_maps(plan, std::move(s.error()).after("giving the container its ids"));
  }
  if (Status s = move_net_devices(plan.net_devices, running.process.pid()); !s) return s;
  if (plan.network) {
    Result<NetworkConnection> network = connect_network(*plan.network, running.process.pid(), patience);
    if (!network) return network.error();
    running.network = std::move(*network);
  }
  return {};
}

// The plan is final: a layer has its name.
Result<Running> start_with(const plan::Plan& plan, Layer layer, Cgroup cgroup, sys::UniqueFd signals,
                           std::uint64_t started_us, const AtBirth& at_birth) {
  Result<child::DescriptorLimit> limit = raise_descriptor_limit();
  if (!limit) return limit.error();
  Result<Ends> ends = make_ends(plan, at_birth);
  if (!ends) return ends.error();
  Result<OwnersFile> owners = open_owners_file(plan);
  if (!owners) return std::move(owners.error()).after(plan.owners_file->origin.text);
  Result<Joined> joined = open_joined(plan);
  if (!joined) return joined.error();
  const bool joins = joined->namespaces.any();
  if (joins && cgroup.exists()) joined->namespaces.cgroup_fd = cgroup.inside_fd();
  Result<sys::UniqueFd> proc =
      plan.keeps_proc ? sys::open_file("/proc", O_PATH | O_DIRECTORY) : sys::UniqueFd();
  if (!proc) return proc.error();
  child::Caller caller{.limit = *limit, .terminal = {}, .is_hidden = joins || sys::is_root()};
  if (plan.has_terminal) caller.terminal = looks_of_terminal();
  Result<sys::Cloned> cloned = joins ? sys::clone_process_in(joined->namespaces, plan.clone_flags)
                                     : sys::clone_process(plan.clone_flags, cgroup.inside_fd());
  if (!cloned && cloned.error().part() != FailedPart::kOther) return cloned.error();
  if (!cloned)
    return cgroup.exists() ? explain_clone_into(cgroup, std::move(cloned.error()))
                           : explain_clone(std::move(cloned.error()));
  if (cloned->pid == 0) {
    leave_ends_to_parent(*ends);
    layer.leave_to_parent();
    cgroup.leave_to_parent();
    child::play(plan,
                {.go = std::move(ends->go.read_end),
                 .report = std::move(ends->report.write_end),
                 .status = std::move(ends->status.theirs),
                 .owners = owners->leave_to_child(),
                 .notify = std::move(ends->notify.theirs),
                 .proc = std::move(*proc)},
                caller);
  }

  Running running{.layer = std::move(layer),
                  .cgroup = std::move(cgroup),
                  .owners = *std::move(owners),
                  .process = sys::Process(cloned->pid, std::move(cloned->pidfd)),
                  .network = std::nullopt,
                  .status = std::move(ends->status.ours),
                  .notify = std::move(ends->notify.ours),
                  .signals = std::move(signals),
                  .go = std::move(ends->go.write_end),
                  .started_us = started_us,
                  .deadline_us = deadline_of(plan, started_us)};
  ends->go.read_end.reset();
  ends->report.write_end.reset();
  ends->status.theirs.reset();
  ends->notify.theirs.reset();
  ends->namespaces.write_end.reset();
  if (running.cgroup.exists()) {
    if (Status s = running.cgroup.prove_holds(running.process.pid()); !s) return s.error();
  }
  close_all_of_child(plan);
  if (at_birth) {
    if (Status s = tell_birth(at_birth, ends->namespaces.read_end.get(), running); !s) return s.error();
  }
  if (Status s = give_from_outside(plan, running); !s) return s.error();
  if (Status s = sys::write_all(running.go.get(), "g", "the sync pipe"); !s) {
    // Only a child that has ended may be waited for: one that still waits for us would do so for ever.
    if (s.error().code() != EPIPE) return s.error();
    return explain_silent_end(running.process);
  }
  if (Status s = read_reports(plan, ends->report.read_end.get(), running); !s) {
    if (was_out_of_memory(running.cgroup)) return explain_no_memory(plan, s.error());
    return s.error();
  }
  running.setup_us = now_us() - started_us;
  return running;
}

Result<Cgroup> cgroup_for(const plan::Plan& plan) {
  if (plan.managed_cgroup) return make_managed_cgroup(*plan.managed_cgroup);
  if (plan.cgroup) return make_cgroup(*plan.cgroup);
  return Cgroup();
}

Result<Running> start_in(const plan::Plan& plan, Cgroup cgroup, sys::UniqueFd signals,
                         std::uint64_t started_us, const AtBirth& at_birth) {
  if (!plan.layer)
    return start_with(plan, Layer(), std::move(cgroup), std::move(signals), started_us, at_birth);
  Result<Layer> layer = make_layer(plan);
  if (!layer) return layer.error();
  const plan::Plan with_layer = layer->put_into(plan);
  return start_with(with_layer, std::move(*layer), std::move(cgroup), std::move(signals), started_us,
                    at_birth);
}

}  // namespace

std::optional<std::uint64_t> deadline_of(const plan::Plan& plan, std::uint64_t started_us) {
  if (!plan.timeout_ms) return std::nullopt;
  return started_us + *plan.timeout_ms * 1000;
}

Result<Running> start(const plan::Plan& plan, const AtBirth& at_birth) {
  const std::uint64_t started_us = now_us();
  // Before the first process in a user namespace, which may be one that removes a dead layer.
  if (Status s = sys::hide_if_root(); !s) return s.error();
  // Without namespaces the command is of kelp's own user, and no writing of id maps needs this to be open.
  if (plan.is_without_namespaces) {
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return sys::failure("become non-dumpable");
    if (Status s = adopt_orphans(); !s) return s.error();
  }
  if (Status s = check_descriptors(plan); !s) return s.error();
  close_all_that_nobody_named(plan);
  if (plan.dies_with_caller && ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    return sys::failure("tie kelp to its caller's life");
  std::vector<std::string> left;
  // It may take long, and nothing of ours is there yet: signals still end kelp at once.
  if (plan.layer) left = remove_dead_layers(plan);
  if (plan.cgroup) {
    Result<std::vector<std::string>> dead = remove_dead_cgroups(*plan.cgroup);
    if (!dead) return dead.error();
    for (std::string& text : *dead) left.push_back(std::move(text));
  }
  // Here too: what systemd makes for us goes with us.
  if (plan.cgroup && plan.cgroup->scope) {
    if (Status s = enter_scope(*plan.cgroup->scope, deadline_of(plan, started_us)); !s)
      return std::move(s.error()).after("limiting the container");
  }
  if (plan.joined_network) {
    if (Status s = join_network(*plan.joined_network); !s) return s.error();
  }
  Result<sys::UniqueFd> signals = take_signals();
  if (!signals) return signals.error();
  Result<Cgroup> cgroup = cgroup_for(plan);
  if (!cgroup) return cgroup.error();
  if (plan.cgroup) {
    for (std::string& text : cgroup->stricter_above(plan.cgroup->settings)) left.push_back(std::move(text));
  }
  Result<Running> running = start_in(plan, std::move(*cgroup), std::move(*signals), started_us, at_birth);
  if (running) running->warnings.insert(running->warnings.end(), left.begin(), left.end());
  return running;
}

}  // namespace kelp::launch
