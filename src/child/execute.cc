// SPDX-License-Identifier: Apache-2.0
// The last steps: directory, limits, descriptors, signals, and the exec, whose failures have names of their
// own. Runs in: child.
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <csignal>
#include <cstring>
#include <optional>
#include <variant>

#include "base/text.h"
#include "child/context.h"
#include "child/interpreter.h"
#include "sys/descriptors.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::child {
namespace {

constexpr int kMaxInterpreters = 8;  // more than the kernel follows: five (exec_binprm() in fs/exec.c)

// What runs a script that names no interpreter (execvp(3)).
constexpr char kScriptShell[] = "/bin/sh";

// Where programs are looked for if the environment does not say (environ(7), and /usr/local as everywhere).
constexpr std::string_view kPathWithout = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::optional<std::string_view> variable(const std::vector<std::string>& environment, std::string_view name) {
  for (const std::string& entry : environment) {
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') {
      return std::string_view(entry).substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

// PID 1 needs no such tie: it falls with the reaper, or is the reaper. A change of user has cut it
// (prctl(2)).
Status tie_to_parent(const Context& context) {
  const bool is_wanted =
      std::any_of(context.plan.child.begin(), context.plan.child.end(), [](const auto& step) {
        const auto* ids = std::get_if<plan::TakeIds>(&step.what);
        return ids != nullptr && ids->die_with_parent;
      });
  const bool is_held = context.plan.has_reaper && context.plan.new_namespaces.has(Namespace::kPid);
  if (!is_wanted || is_held) return {};
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return sys::failure("tie the command to kelp's life");
  pollfd go{.fd = context.channels.go.get(), .events = 0, .revents = 0};
  while (::poll(&go, 1, 0) < 0) {
    if (errno != EINTR) return sys::failure("ask whether kelp still lives");
  }
  if ((go.revents & (POLLHUP | POLLERR)) != 0) ::_exit(kExitCannotStart);
  return {};
}

Error not_executable(const std::string& path, std::string reason) {
  return Error(cat("execute ", path), std::move(reason)).with_status(kExitNotExecutable);
}

// An exec of kelp's own file from a writable place would give the container a writable /proc/PID/exe of it.
// The chain of interpreters counts, and names such as /proc/self/exe, since inodes are compared.
Status refuse_own_program(const std::string& path, const plan::Execute& step) {
  std::string next = path;
  for (int depth = 0; depth <= kMaxInterpreters && !next.empty(); ++depth) {
    struct stat info{};
    struct statvfs mount{};
    if (::stat(next.c_str(), &info) != 0) {
      // What is not there, or may not be reached, the exec cannot reach either.
      if (!sys::is_shortage(errno)) return {};
      return sys::failure(cat("look at ", next)).with_status(kExitNotExecutable);
    }
    if (info.st_dev == step.own_device && info.st_ino == step.own_inode) {
      if (::statvfs(next.c_str(), &mount) != 0 || (mount.f_flag & ST_RDONLY) == 0) {
        return not_executable(path, cat(next, " is kelp's own program, shared writable"))
            .with_hint("share it read-only (-v SOURCE:DESTINATION:ro), or copy kelp into the root");
      }
    }
    Result<std::string> interpreter = interpreter_of(next);
    if (!interpreter) return std::move(interpreter.error()).with_status(kExitNotExecutable);
    next = std::move(*interpreter);
  }
  return {};
}

// Why execve said no, in terms of what is there.
Error explain_exec(const std::string& path, int code) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    return Error(cat("execute ", path), sys::reason_of(code))
        .with_code(code)
        .with_status(code == ENOENT || code == ENOTDIR ? kExitNotFound : kExitNotExecutable);
  }
  if (S_ISDIR(info.st_mode)) return not_executable(path, "Is a directory").with_code(EISDIR);
  if (code == ENOENT) {
    const Result<std::string> interpreter = interpreter_of(path);
    if (interpreter && !interpreter->empty()) {
      return not_executable(path, cat("its interpreter ", *interpreter, " does not exist in the root"))
          .with_code(code);
    }
  }
  if (code == ENOEXEC) return not_executable(path, "Exec format error").with_code(code);
  return not_executable(path, sys::reason_of(code)).with_code(code);
}

// The clone has given every signal its default action.
void unblock_signals() {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// The candidates for a name without a slash, in the order of PATH.
std::vector<std::string> candidates(const std::string& name, std::string_view path) {
  if (name.find('/') != std::string::npos) return {name};
  std::vector<std::string> out;
  for (const std::string_view directory : split(path, ':')) {
    out.push_back(directory.empty() ? name : cat(directory, "/", name));
  }
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  out.reserve(strings.size() + 1);
  for (std::string& text : strings) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

Status enter(const Context& context, const std::string& where) {
  Result<sys::UniqueFd> directory = sys::resolve(context.root.get(), where);
  if (!directory) return sys::failure(cat("enter ", where), directory.error().code());
  if (::fchdir(directory->get()) != 0) return sys::failure(cat("enter ", where));
  std::array<char, PATH_MAX> path{};
  // A directory that is not below "/" would be a way out; the kernel says "(unreachable)".
  if (::getcwd(path.data(), path.size()) == nullptr) return sys::failure(cat("enter ", where));
  if (path[0] != '/') return Error(cat("enter ", where), "it is not reachable from the root");
  return {};
}

// As execvp(3) does with a file that the kernel has no format for.
void execute_as_script(const std::string& path, const std::vector<char*>& arguments,
                       const std::vector<char*>& environment) {
  std::string shell = kScriptShell;
  std::string script = path;
  std::vector<char*> words = {shell.data(), script.data()};
  words.insert(words.end(), arguments.begin() + 1, arguments.end());
  ::execve(shell.c_str(), words.data(), environment.data());
}

// The environment with what was found inside.
std::vector<std::string> environment_of(const plan::Execute& step, const Context& context) {
  std::vector<std::string> environment = step.environment;
  if (!context.home.empty() && !variable(environment, "HOME"))
    environment.push_back(cat("HOME=", context.home));
  if (!context.user_name.empty() && !variable(environment, "USER"))
    environment.push_back(cat("USER=", context.user_name));
  if (context.directory.empty()) return environment;
  std::erase_if(environment, [](const std::string& entry) { return entry.starts_with("PWD="); });
  environment.push_back(cat("PWD=", context.directory));
  return environment;
}

}  // namespace

Status perform(const plan::SetLimit& step, Context& context) {
  const ResourceLimit& limit = step.limit;
  rlimit wanted{.rlim_cur = limit.soft, .rlim_max = limit.hard};
  if (limit.resource == RLIMIT_NOFILE) {
    // Set-up still opens files: now only what needs a right, the rest with the exec.
    context.descriptor_limit = {.soft = limit.soft, .hard = limit.hard};
    if (::getrlimit(RLIMIT_NOFILE, &wanted) != 0) return sys::failure("read the limit nofile");
    if (limit.hard <= wanted.rlim_max) return {};
    wanted.rlim_max = limit.hard;
  }
  if (::setrlimit(static_cast<__rlimit_resource>(limit.resource), &wanted) != 0) {
    return sys::failure(cat("set the limit ", limit_name(limit.resource)));
  }
  return {};
}

Status perform(const plan::EnterDirectory& step, Context& context) {
  std::string entered;
  for (const std::string& path : step.before) {
    if (!enter(context, path)) continue;
    entered = path;
    break;
  }
  if (entered.empty()) {
    Status s = enter(context, step.path);
    if (!s) return std::move(s.error()).with_part(FailedPart::kEnter, step.path);
    entered = step.path;
  }
  if (step.tell) context.directory = std::move(entered);
  return {};
}

Status perform(const plan::WaitForByte& step, Context& /*context*/) {
  char byte = 0;
  while (::read(step.fd, &byte, 1) < 0) {
    if (errno != EINTR) return sys::failure(cat("read descriptor ", step.fd));
  }
  ::close(step.fd);
  return {};
}

Status perform(const plan::SetUmask& step, Context& context) {
  ::umask(step.umask.value_or(context.caller_umask));
  return {};
}

Status perform(const plan::Execute& step, Context& context) {
  context.root.reset();
  if (Status s = tie_to_parent(context); !s) return s;
  std::vector<std::string> environment = environment_of(step, context);
  std::vector<std::string> argv = step.argv;
  if (argv.empty())
    argv.push_back(!step.shell.empty() && ::access(step.shell.c_str(), X_OK) == 0 ? step.shell : "/bin/sh");
  const std::string name = argv[0];
  const bool is_named = !step.argv.empty();
  if (step.argv0) argv[0] = *step.argv0;

  if (Status s = sys::keep_over_exec(step.preserved_fds); !s) return s;
  const rlimit descriptors{.rlim_cur = context.descriptor_limit.soft,
                           .rlim_max = context.descriptor_limit.hard};
  if (::setrlimit(RLIMIT_NOFILE, &descriptors) != 0) return sys::failure("set the limit nofile");
  std::vector<char*> argument_pointers = pointers(argv);
  std::vector<char*> environment_pointers = pointers(environment);

  int denied = 0;
  std::string denied_path;
  for (const std::string& path : candidates(name, variable(environment, "PATH").value_or(kPathWithout))) {
    if (::access(path.c_str(), F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR) && path != name) continue;
    if (Status s = refuse_own_program(path, step); !s) return s;
    if (Status s = context.tell(ReportKind::kExecuting, path); !s) return s;
    unblock_signals();
    if (Status s = install_waiting_filters(context); !s) return s;
    ::execve(path.c_str(), argument_pointers.data(), environment_pointers.data());
    const int code = errno;
    if (code == ENOEXEC && step.plain_scripts) {
      if (Status s = refuse_own_program(kScriptShell, step); !s) return s;
      execute_as_script(path, argument_pointers, environment_pointers);
    }
    if (path == name) {
      Error error = explain_exec(path, code).with_part(FailedPart::kExecute, name);
      if (is_named || error.status() != kExitNotFound) return error;
      return std::move(error).with_hint("there is no shell inside; name a command");
    }
    // As execvp(3): what cannot be executed here may be found further on.
    if (code != EACCES) return explain_exec(path, code).with_part(FailedPart::kExecute, name);
    denied = code;
    denied_path = path;
  }
  if (denied != 0) return explain_exec(denied_path, denied).with_part(FailedPart::kExecute, name);
  return Error(cat("find ", name), "there is no such program in the container's PATH")
      .with_code(ENOENT)
      .with_status(kExitNotFound)
      .with_part(FailedPart::kExecute, name);
}

}  // namespace kelp::child
