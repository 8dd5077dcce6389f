// SPDX-License-Identifier: Apache-2.0
// `kelp-oci create` and `kelp-oci run`.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

#include "base/text.h"
#include "launch/exit_status.h"
#include "launch/leave.h"
#include "launch/start.h"
#include "launch/wait.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "verbs/oci_console.h"
#include "verbs/oci_delete.h"
#include "verbs/oci_hooks.h"
#include "verbs/oci_new.h"
#include "verbs/oci_notify.h"
#include "verbs/oci_pid_file.h"
#include "verbs/oci_verbs.h"

namespace kelp::verbs {
namespace {

bool has_terminal(const Bundle& bundle) {
  return bundle.config.spec.command.terminal != TerminalMode::kNever;
}

void tell(const OciLog& log, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) log.debug(text);
}

struct Started {
  NewContainer container;
  plan::Plan plan;
  launch::Running running;
  sys::UniqueFd console;
};

// All that `create` and `run` have in common: afterwards its process is there.
Result<Started> start_new(const OciCall& call, Stay stay) {
  Result<Bundle> bundle = read_bundle(call.arguments, stay);
  if (!bundle) return bundle.error();
  tell(call.log, bundle->config.warnings);
  if (Status s = check_console(call.arguments, has_terminal(*bundle), stay == Stay::kOnItsOwn); !s)
    return s.error();
  Result<sys::UniqueFd> console = connect_console(call.arguments);
  if (!console) return console.error();
  Result<NewContainer> container = NewContainer::make(call, std::move(*bundle));
  if (!container) return container.error();
  if (console->valid()) container->keep_open(console->get());
  if (call.arguments.verb == oci::Verb::kCreate) {
    if (Status s = container->wait_for_start(); !s) return s.error();
  }
  Result<plan::Plan> plan = container->make_plan();
  if (!plan) return plan.error();
  tell(call.log, plan->warnings);
  Result<launch::Running> running = container->start(*plan);
  if (!running) return running.error();
  tell(call.log, running->warnings);
  return Started{.container = std::move(*container),
                 .plan = std::move(*plan),
                 .running = std::move(*running),
                 .console = std::move(*console)};
}

// A container that could not be finished ends with its process.
Status finish(const OciCall& call, Started& started, const launch::Left& left) {
  if (started.console.valid()) {
    if (Status s = send_console(started.console, left.terminal.get()); !s) return s;
  }
  if (Status s = started.container.remember(); !s) return s;
  return call.arguments.pid_file ? write_pid_file(*call.arguments.pid_file, left.pid) : Status();
}

Status poststart(const Started& started) {
  const state::Record& record = started.container.record();
  return run_hooks(started.container.bundle().config.spec.hooks.poststart,
                   state_of(record, "running", record.init.pid));
}

// The container is there, and not as it was asked for.
Error give_up(const OciCall& call, Started& started, Error error) {
  if (const Status ended = end_processes(started.container.record()); !ended)
    call.log.warning(ended.error().sentence());
  if (const Status gone = started.container.remove(call.log); !gone)
    call.log.warning(gone.error().sentence());
  return error;
}

Result<int> leave(const OciCall& call) {
  Result<Started> started = start_new(call, Stay::kOnItsOwn);
  if (!started) return started.error();
  const Result<launch::Left> left = launch::leave(started->plan, std::move(started->running));
  if (!left) return left.error();
  if (Status s = finish(call, *started, *left); !s) return give_up(call, *started, std::move(s.error()));
  if (call.arguments.verb == oci::Verb::kRun) {
    notify_main_process(left->pid);
    if (Status s = poststart(*started); !s) return give_up(call, *started, std::move(s.error()));
  }
  started->container.keep();
  return 0;
}

// One that was started to be waited for ends with us, whatever ends us.
Result<int> run_and_wait(const OciCall& call) {
  Result<Started> started = start_new(call, Stay::kWithUs);
  if (!started) return started.error();
  Status told = started->container.remember();
  if (told && call.arguments.pid_file)
    told = write_pid_file(*call.arguments.pid_file, started->running.process.pid());
  if (!told) return give_up(call, *started, std::move(told.error()));
  started->container.let_go();
  if (Status s = poststart(*started); !s) return give_up(call, *started, std::move(s.error()));
  const Result<launch::Finished> finished = launch::wait(started->plan, std::move(started->running));
  if (!finished) return give_up(call, *started, finished.error());
  tell(call.log, finished->warnings);
  if (call.arguments.keep) {
    started->container.keep();
  } else if (const Status gone = started->container.remove(call.log); !gone) {
    call.log.warning(gone.error().sentence());
  }
  return launch::exit_status_of(*finished);
}

}  // namespace

Result<int> oci_create(const OciCall& call) { return leave(call); }

Result<int> oci_run(const OciCall& call) { return call.arguments.detach ? leave(call) : run_and_wait(call); }

}  // namespace kelp::verbs
