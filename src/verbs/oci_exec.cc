// SPDX-License-Identifier: Apache-2.0
// `kelp-oci exec`: one more process in a container that runs.

#include <algorithm>
#include <csignal>

#include "base/text.h"
#include "launch/exit_status.h"
#include "launch/leave.h"
#include "launch/start.h"
#include "launch/wait.h"
#include "oci/exec.h"
#include "sys/files.h"
#include "verbs/entering.h"
#include "verbs/oci_bundle.h"
#include "verbs/oci_console.h"
#include "verbs/oci_hooks.h"
#include "verbs/oci_pid_file.h"
#include "verbs/oci_place.h"
#include "verbs/oci_verbs.h"
#include "verbs/start_spec.h"

namespace kelp::verbs {
namespace {

constexpr std::size_t kMostProcess = 16U << 20U;

Status check_can_enter(const OciCall& call, state::LifeStatus status) {
  switch (status) {
    case state::LifeStatus::kCreated:
    case state::LifeStatus::kRunning: return {};
    case state::LifeStatus::kPaused:
      if (call.arguments.ignore_paused) return {};
      return oci::refusal("cannot exec in a paused container (use --ignore-paused to override)");
    case state::LifeStatus::kCreating:
      return oci::refusal("cannot exec in a container that was never created");
    case state::LifeStatus::kStopped: break;
  }
  return oci::refusal("cannot exec in a stopped container");
}

Result<std::optional<std::string>> process_text(const oci::Arguments& arguments) {
  if (!arguments.process) return std::optional<std::string>();
  Result<std::string> text = sys::read_file(*arguments.process, kMostProcess);
  if (!text) return text.error();
  return std::optional<std::string>(std::move(*text));
}

// Where the process is to be: that of the container's first one, or one below it.
Result<std::string> cgroup_of(const oci::Arguments& arguments, const state::Record& record) {
  std::string cgroup = cgroup_to_enter(record.cgroup);
  if (!arguments.cgroup || cgroup.empty()) {
    if (arguments.cgroup)
      return Error("enter the cgroup " + *arguments.cgroup, "the container has none of its own");
    return cgroup;
  }
  std::string_view below = *arguments.cgroup;
  // runc takes a controller in front, which version 2 has no need of.
  if (below.starts_with(':')) below.remove_prefix(1);
  while (below.starts_with('/')) below.remove_prefix(1);
  for (const std::string_view part : split(below, '/')) {
    if (part == "..")
      return oci::refusal(cat("invalid value ", shell_quoted(*arguments.cgroup), " for flag --cgroup"));
  }
  return below.empty() ? cgroup : cat(cgroup, "/", below);
}

Result<std::vector<Id>> groups_of(const oci::Arguments& arguments) {
  std::vector<Id> groups;
  for (const std::string& word : arguments.additional_gids) {
    const std::optional<std::uint64_t> group = read_decimal(word, kMaxId);
    if (!group) return oci::refusal(cat("invalid value ", shell_quoted(word), " for flag --additional-gids"));
    groups.push_back(static_cast<Id>(*group));
  }
  return groups;
}

Result<Spec> spec_of(const OciCall& call, const Found& found, int pidfd) {
  const oci::Arguments& arguments = call.arguments;
  const Result<oci::Surroundings> around =
      surroundings_of(arguments, found.record.bundle, arguments.detach ? Stay::kOnItsOwn : Stay::kWithUs);
  if (!around) return around.error();
  const Result<std::string> saved = found.entry.read_config();
  if (!saved) return saved.error();
  const Result<oci::Config> config = oci::read_config(*saved, *around);
  if (!config) return config.error();
  Result<std::vector<Namespace>> kinds = other_namespaces(found.record);
  if (!kinds) return kinds.error();
  Result<std::string> cgroup = cgroup_of(arguments, found.record);
  if (!cgroup) return cgroup.error();
  Result<std::optional<std::string>> process = process_text(arguments);
  if (!process) return process.error();
  Result<std::vector<Id>> groups = groups_of(arguments);
  if (!groups) return groups.error();
  const oci::ExecRequest request{
      .entered = {.pidfd = pidfd, .kinds = std::move(*kinds), .cgroup = std::move(*cgroup)},
      .process = std::move(*process),
      .args = arguments.words,
      .environment = arguments.env,
      .directory = arguments.cwd,
      .user = arguments.user,
      .additional_groups = std::move(*groups),
      .capabilities = arguments.caps,
      .terminal = arguments.tty,
      .no_new_privileges = arguments.no_new_privs,
      .apparmor = arguments.apparmor,
      .selinux = arguments.process_label,
      .state = state_of(found.record, std::string(name_of(found.status)), found.record.init.pid)};
  Result<Spec> spec = oci::exec_spec(*config, request, *around);
  if (!spec) return spec;
  std::vector<std::string> variables = socket_variables();
  std::vector<std::string>& environment = spec->command.environment.entries;
  environment.insert(environment.end(), variables.begin(), variables.end());
  return spec;
}

Result<int> detach(const OciCall& call, const plan::Plan& plan, launch::Running running,
                   const sys::UniqueFd& console) {
  Result<launch::Left> left = launch::leave(plan, std::move(running));
  if (!left) return left.error();
  Status done = console.valid() ? send_console(console, left->terminal.get()) : Status();
  if (done && call.arguments.pid_file) done = write_pid_file(*call.arguments.pid_file, left->pid);
  if (done) return 0;
  (void)state::signal_process(left->pidfd.get(), SIGKILL);
  return done.error();
}

Result<int> wait(const OciCall& call, const plan::Plan& plan, launch::Running running) {
  if (call.arguments.pid_file) {
    if (Status s = write_pid_file(*call.arguments.pid_file, running.process.pid()); !s) return s.error();
  }
  const Result<launch::Finished> finished = launch::wait(plan, std::move(running));
  if (!finished) return finished.error();
  return launch::exit_status_of(*finished);
}

}  // namespace

Result<int> oci_exec(const OciCall& call) {
  const Result<std::vector<int>> fds = preserved_fds(call.arguments);
  if (!fds) return fds.error();
  const Result<Found> found = find_container(call.arguments);
  if (!found) return found.error();
  if (Status s = check_can_enter(call, found->status); !s) return s.error();
  const Result<sys::UniqueFd> process = state::open_process(found->record.init);
  if (!process) return process.error();
  if (!process->valid()) return oci::refusal("cannot exec in a stopped container");
  Result<Spec> spec = spec_of(call, *found, process->get());
  if (!spec) return spec.error();
  const bool has_terminal = spec->command.terminal != TerminalMode::kNever;
  if (Status s = check_console(call.arguments, has_terminal, call.arguments.detach); !s) return s.error();
  Result<sys::UniqueFd> console = connect_console(call.arguments);
  if (!console) return console.error();
  // A start closes what it does not know of.
  spec->parent_fds.push_back(found->entry.fd());
  if (console->valid()) spec->parent_fds.push_back(console->get());
  std::ranges::sort(spec->parent_fds);
  const Result<plan::Plan> plan = make_plan(std::move(*spec));
  if (!plan) return plan.error();
  Result<launch::Running> running = launch::start(*plan);
  if (!running) return running.error();
  for (const std::string& text : running->warnings) call.log.debug(text);
  return call.arguments.detach ? detach(call, *plan, std::move(*running), *console)
                               : wait(call, *plan, std::move(*running));
}

}  // namespace kelp::verbs
