// SPDX-License-Identifier: Apache-2.0
// A container that is being made; see oci_new.h.
#include "verbs/oci_new.h"

#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/text.h"
#include "state/life.h"
#include "sys/failure.h"
#include "verbs/oci_delete.h"
#include "verbs/oci_place.h"
#include "verbs/start_spec.h"
#include "verbs/time_text.h"

namespace kelp::verbs {
namespace {

std::string root_of(const Spec& spec) {
  const auto* const directory = std::get_if<DirectoryRoot>(&spec.root.what);
  return directory != nullptr ? directory->path : std::string();
}

std::string name_of(CgroupManager manager) {
  switch (manager) {
    case CgroupManager::kNone: return "disabled";
    case CgroupManager::kFiles: return "cgroupfs";
    case CgroupManager::kSystemd: break;
  }
  return "systemd";
}

state::Record record_of(const std::string& id, const Bundle& bundle) {
  const Spec& spec = bundle.config.spec;
  state::Record record{.id = id,
                       .oci_version = std::string(oci::kVersion),
                       .bundle = bundle.path,
                       .rootfs = root_of(spec),
                       .created = time_text(Digits::kNanoseconds),
                       .owner = owner_name(),
                       .has_terminal = spec.command.terminal != TerminalMode::kNever,
                       .annotations = {bundle.config.annotations.begin(), bundle.config.annotations.end()}};
  if (spec.managed_cgroup) {
    record.cgroup_manager = name_of(spec.managed_cgroup->manager);
    record.unit = spec.managed_cgroup->unit;
  }
  return record;
}

}  // namespace

NewContainer::NewContainer(state::Store store, state::Entry entry, Bundle bundle)
    : store_(std::move(store)),
      entry_(std::move(entry)),
      bundle_(std::move(bundle)),
      record_(record_of(entry_->id(), bundle_)) {
  keep_open(store_.fd());
  keep_open(entry_->fd());
}

NewContainer::NewContainer(NewContainer&& other) noexcept
    : store_(std::move(other.store_)),
      entry_(std::exchange(other.entry_, std::nullopt)),
      bundle_(std::move(other.bundle_)),
      record_(std::move(other.record_)),
      start_socket_(std::move(other.start_socket_)),
      parent_fds_(std::move(other.parent_fds_)),
      is_kept_(other.is_kept_) {}

NewContainer::~NewContainer() {
  if (entry_ && !is_kept_) (void)store_.remove(std::move(*entry_));
}

Result<NewContainer> NewContainer::make(const OciCall& call, Bundle bundle) {
  const std::string& id = call.arguments.id;
  if (id.empty()) return oci::refusal("container id cannot be empty");
  if (!state::is_id(id)) return oci::refusal("invalid container ID format");
  Result<state::Store> store = open_store(call.arguments);
  if (!store) return store.error();
  Result<state::Entry> entry = store->make(id);
  if (!entry && entry.error().code() == EEXIST) return id_is_taken();
  if (!entry) return entry.error();
  NewContainer made(std::move(*store), std::move(*entry), std::move(bundle));
  if (Status s = made.entry_->write_config(made.bundle_.text); !s) return s.error();
  return made;
}

Status NewContainer::wait_for_start() {
  Result<sys::UniqueFd> socket = entry_->listen();
  if (!socket) return socket.error();
  start_socket_ = std::move(*socket);
  bundle_.config.spec.command.start_fd = start_socket_.get();
  record_.waits_for_start = true;
  return {};
}

Result<plan::Plan> NewContainer::make_plan() {
  Spec spec = bundle_.config.spec;
  spec.parent_fds = parent_fds_;
  std::ranges::sort(spec.parent_fds);
  return verbs::make_plan(std::move(spec));
}

Status NewContainer::remember_birth(const plan::Plan& plan, pid_t pid) {
  const std::optional<state::ProcessName> name = state::process_name(pid);
  if (!name) return Error("remember the container's process", "it has ended");
  record_.init = *name;
  // So that `delete` can remove it if we are killed now. What systemd makes has no name yet.
  if (plan.managed_cgroup) record_.cgroup = plan.managed_cgroup->directory;
  return entry_->write(record_);
}

Result<launch::Running> NewContainer::start(const plan::Plan& plan) {
  Status remembered;
  Result<launch::Running> running = launch::start(plan, [&](pid_t pid, const sys::NamespaceNumbers& numbers) {
    record_.user_namespace = numbers[sys::kUserNamespaceFile];
    remembered = remember_birth(plan, pid);
    return std::vector<launch::Words>();
  });
  if (!running) return running;
  if (!remembered) return remembered.error();
  record_.cgroup = running->cgroup.path();
  start_socket_.reset();
  return running;
}

Status NewContainer::remember() {
  record_.is_complete = true;
  return entry_->write(record_);
}

void NewContainer::let_go() const { ::flock(entry_->fd(), LOCK_UN); }

Status NewContainer::remove(const OciLog& log) {
  keep();
  let_go();
  Result<state::Entry> held = store_.hold(entry_->id());
  if (!held) return held.error().code() == ENOENT ? Status() : Status(held.error());
  // Deleted meanwhile, and made anew.
  if (!held->is_same_as(*entry_)) return {};
  return remove_container(store_, std::move(*held), record_, log);
}

}  // namespace kelp::verbs
