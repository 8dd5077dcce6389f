// SPDX-License-Identifier: Apache-2.0
// `kelp exec`: one more command in a container that stays, behind the same fences as its first one.
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "cli/exec.h"
#include "cli/memory.h"
#include "cli/run.h"
#include "sys/files.h"
#include "verbs/entering.h"
#include "verbs/print.h"
#include "verbs/start_spec.h"
#include "verbs/stay_verbs.h"
#include "verbs/staying.h"
#include "verbs/user_store.h"

namespace kelp::verbs {
namespace {

constexpr std::size_t kMostFile = 1U << 20U;

cli::Surroundings surroundings() {
  cli::Surroundings around;
  for (char** entry = environ; *entry != nullptr; ++entry) around.environment.emplace_back(*entry);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) around.has_terminal |= ::isatty(fd) == 1;
  around.read_file = [](const std::string& path) { return sys::read_file(path, kMostFile); };
  return around;
}

// What its first command was started with. Nothing is looked up anew: neither a profile nor a variable that
// has changed since counts.
Result<Spec> spec_of_run(const Staying& container) {
  const Result<std::string> text = container.entry.read_request();
  if (!text) return text.error();
  const Result<cli::Memory> memory = cli::read_memory(*text);
  if (!memory) return memory.error();
  Result<cli::RunRequest> request = cli::read_run(memory->args, cli::surroundings_of(*memory));
  if (!request) return request.error();
  return std::move(request->spec);
}

// Whether the container's cgroup does what would else be a limit of each process.
bool is_limited(const std::string& cgroup, std::string_view file) {
  if (cgroup.empty()) return false;
  const Result<std::string> value = sys::read_proc(cat(cgroup, "/", file));
  return value && !value->starts_with("max");
}

Command command_of(const Spec& first, cli::ExecRequest request) {
  Command command = first.command;
  command.argv = std::move(request.argv);
  std::vector<std::string>& entries = command.environment.entries;
  std::ranges::move(request.environment, std::back_inserter(entries));
  if (request.directory) command.directory = std::move(request.directory);
  if (request.user) {
    command.user = std::move(*request.user);
    command.keep_own_ids = false;
  }
  // PID 1 is there already, and what else was said is of the container or of who started it.
  command.pid1 = Pid1::kCommand;
  command.die_with_parent = true;
  command.new_session = true;
  command.preserved_fds = {};
  command.timeout_ms.reset();
  const bool has_devices = std::ranges::any_of(
      first.mounts, [](const Mount& mount) { return std::holds_alternative<Devices>(mount.what); });
  const bool may_be_none = request.terminal == TerminalMode::kAuto && !has_devices;
  command.terminal = may_be_none ? TerminalMode::kNever : request.terminal;
  return command;
}

Result<Spec> spec_of(const Staying& container, int pidfd, cli::ExecRequest request) {
  Result<Spec> first = spec_of_run(container);
  if (!first) return first;
  const pid_t pid = container.record.init.pid;
  Result<std::vector<Namespace>> kinds = other_namespaces(container.record);
  if (!kinds) return kinds.error();
  const Result<RootIds> ids = root_ids_of(pid);
  if (!ids) return ids.error();
  Spec spec;
  spec.entered = EnteredContainer{
      .pidfd = pidfd, .kinds = std::move(*kinds), .cgroup = cgroup_to_enter(container.record.cgroup)};
  spec.root.what = first->root.what;
  if (request.directory) spec.origins.directory = {cat("-w ", *request.directory)};
  spec.command = command_of(*first, std::move(request));
  spec.landlock = first->landlock;
  spec.seccomp = first->seccomp;
  spec.fake_root = first->fake_root;
  spec.fake_root.is_where_root_is_alone = *ids == RootIds::kOnlyRoot;
  if (!is_limited(container.record.cgroup, "memory.max")) spec.resources.memory = first->resources.memory;
  if (!is_limited(container.record.cgroup, "pids.max")) spec.resources.pids = first->resources.pids;
  spec.parent_fds = {container.entry.fd()};
  return spec;
}

Status check_can_enter(const Staying& container) {
  const std::string action = cat("enter ", container.entry.id());
  if (!container.kept().not_entered.empty()) return Error(action, container.kept().not_entered);
  switch (container.status) {
    case StayStatus::kRunning: return {};
    case StayStatus::kStarting: return Error(action, "the container is being started");
    case StayStatus::kExited: return Error(action, "the container has ended");
    case StayStatus::kLost: break;
  }
  return Error(action, "the container is lost: the kelp that held it was killed");
}

Result<int> enter(cli::ExecRequest request) {
  const Result<state::Store> store = open_user_store(kOfRun);
  if (!store) return store.error();
  const Result<Staying> container = find_staying(*store, "enter", request.name);
  if (!container) return container.error();
  if (Status s = check_can_enter(*container); !s) return s.error();
  const Result<sys::UniqueFd> init = open_init(*container);
  if (!init) return init.error();
  if (!init->valid()) return Error(cat("enter ", request.name), "the container has ended");
  Result<Spec> spec = spec_of(*container, init->get(), std::move(request));
  if (!spec) return spec.error();
  spec->parent_fds.push_back(store->fd());
  std::ranges::sort(spec->parent_fds);
  return start_spec(std::move(*spec), {});
}

}  // namespace

int exec(std::span<const std::string> args) {
  Result<cli::ExecRequest> request = cli::read_exec(args, surroundings());
  if (!request) return print_error(request.error());
  if (request->help) return print_out(cli::exec_help());
  const Result<int> status = enter(std::move(*request));
  return status ? *status : print_error(status.error());
}

}  // namespace kelp::verbs
