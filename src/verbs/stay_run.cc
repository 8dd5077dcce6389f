// SPDX-License-Identifier: Apache-2.0
// `kelp run` of a container that has a name; see stay_run.h.
#include "verbs/stay_run.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/pipe.h"
#include "sys/process.h"
#include "verbs/print.h"
#include "verbs/stay_linger.h"
#include "verbs/stay_new.h"

namespace kelp::verbs {
namespace {

constexpr std::size_t kMostName = 4096;

// What a kelp in the background holds of whoever started it until the container runs: a descriptor more, and
// `$(kelp run -d ...)` would wait for its end.
struct Caller {
  sys::UniqueFd stderr_copy;  // what fails is told there
  sys::UniqueFd name_pipe;    // its end, without a name, is that of the start
  sys::UniqueFd log;
};

void lead(int fd, int stream) { ::dup2(fd, stream); }

// The descriptors 0, 1 and 2 of the container are the log's while it is born; what kelp has to say until it
// runs goes to the caller.
Status tell_caller(Caller& caller, const std::string& name) {
  // The directory that the caller was in may be unmounted and removed.
  if (::chdir("/") != 0) return sys::failure("leave the working directory");
  lead(caller.log.get(), STDERR_FILENO);
  caller.log.reset();
  caller.stderr_copy.reset();
  Status told = sys::write_all(caller.name_pipe.get(), name, "the pipe of the name");
  caller.name_pipe.reset();
  return told;
}

// `caller`: none in the foreground.
int hold(cli::RunRequest request, const cli::Memory& memory, StartOptions options,
         std::optional<Caller> caller) {
  const LogFormat format = options.log_format;
  Result<NewStaying> container = NewStaying::make(request, memory);
  if (!container) return print_error(container.error(), format);
  std::vector<int>& kept = request.spec.parent_fds;
  std::ranges::copy(container->fds(), std::back_inserter(kept));
  if (caller) {
    Result<sys::UniqueFd> log = container->make_log();
    if (!log) return print_error(log.error(), format);
    caller->log = std::move(*log);
    for (const sys::UniqueFd* fd : {&caller->stderr_copy, &caller->name_pipe, &caller->log})
      kept.push_back(fd->get());
    options.take_streams = [&] {
      lead(caller->log.get(), STDOUT_FILENO);
      lead(caller->log.get(), STDERR_FILENO);
    };
    options.give_back_streams = [&] { lead(caller->stderr_copy.get(), STDERR_FILENO); };
  }
  std::ranges::sort(kept);
  options.at_birth = [&](pid_t pid, const sys::NamespaceNumbers& numbers) {
    container->remember_birth(pid, numbers);
    return std::vector<launch::Words>();
  };
  options.began = [&](const plan::Plan& plan, const launch::Running& running) {
    Status done = container->remember_start(plan, running);
    return done && caller ? tell_caller(*caller, container->name()) : done;
  };
  options.over = [&](const launch::Finished& finished) { container->remember_end(finished); };
  const int status = start_spec(std::move(request.spec), options);
  if (const Status s = container->finish(status); !s) print_warning(s.error().sentence(), format);
  return status;
}

// In the new process. A session of its own: no terminal can hang up on it, or stop it.
Result<Caller> become_monitor(sys::UniqueFd name_pipe) {
  if (::setsid() < 0) return sys::failure("begin a session");
  const Result<sys::UniqueFd> nothing = sys::open_file("/dev/null", O_RDONLY);
  if (!nothing) return nothing.error();
  lead(nothing->get(), STDIN_FILENO);
  sys::UniqueFd stderr_copy(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!stderr_copy.valid()) return sys::failure("keep stderr");
  return Caller{.stderr_copy = std::move(stderr_copy), .name_pipe = std::move(name_pipe), .log = {}};
}

// It has said why.
int status_of_failed(pid_t monitor, LogFormat format) {
  int status = 0;
  while (::waitpid(monitor, &status, 0) < 0) {
    if (errno != EINTR) return print_error(sys::failure("wait for the start"), format);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0) return WEXITSTATUS(status);
  return print_error(Error("start the container", "the kelp that was to hold it was killed"), format);
}

int detach(cli::RunRequest request, const cli::Memory& memory, StartOptions options) {
  const LogFormat format = options.log_format;
  if (const std::string text = warning_of_logind(); !text.empty()) print_warning(text, format);
  Result<sys::Pipe> name_pipe = sys::make_pipe();
  if (!name_pipe) return print_error(name_pipe.error(), format);
  const Result<pid_t> monitor = sys::fork_process();
  if (!monitor) return print_error(monitor.error(), format);
  if (*monitor == 0) {
    name_pipe->read_end.reset();
    Result<Caller> caller = become_monitor(std::move(name_pipe->write_end));
    if (!caller) return print_error(caller.error(), format);
    return hold(std::move(request), memory, std::move(options), std::move(*caller));
  }
  name_pipe->write_end.reset();
  const Result<std::string> name = sys::read_all(name_pipe->read_end.get(), kMostName, "the name");
  if (!name) return print_error(name.error(), format);
  return name->empty() ? status_of_failed(*monitor, format) : print_out(cat(*name, "\n"));
}

}  // namespace

int run_staying(cli::RunRequest request, const cli::Memory& memory, StartOptions options) {
  if (request.detach) return detach(std::move(request), memory, std::move(options));
  return hold(std::move(request), memory, std::move(options), std::nullopt);
}

}  // namespace kelp::verbs
