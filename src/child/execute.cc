// SPDX-License-Identifier: Apache-2.0
// The last step: descriptors, environment, signals, and the exec.
// Runs in: child.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <variant>

#include "base/text.h"
#include "child/context.h"
#include "child/embedded.h"
#include "child/executable.h"
#include "sys/descriptors.h"
#include "sys/failure.h"

namespace kelp::child {
namespace {

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

struct Words {
  std::vector<char*> arguments, environment;
};

// As late as can be: what is about to be executed is opened for a look before. Only the next place of PATH,
// and the shell for what has no format, are looked at under it.
Status limit_descriptors(const Context& context) {
  const rlimit descriptors{.rlim_cur = context.descriptor_limit.soft,
                           .rlim_max = context.descriptor_limit.hard};
  if (::setrlimit(RLIMIT_NOFILE, &descriptors) != 0) return sys::failure("set the limit nofile");
  return {};
}

// The errno of an exec that failed. By kelp-exec it comes from there, as a report (ReportKind::kNotExecuted),
// unless it can be seen before.
Result<int> attempt(Context& context, const plan::Execute& step, const std::string& path,
                    const Words& words) {
  const sys::UniqueFd& launcher = context.launcher;
  if (Status s = refuse_own_program(path, step); !s) return s.error();
  if (launcher.valid()) {
    if (const int code = expected_refusal(path); code != 0) return code;
  }
  if (Status s = context.tell(ReportKind::kExecuting, path); !s) return s.error();
  if (Status s = limit_descriptors(context); !s) return s.error();
  unblock_signals();
  if (launcher.valid()) {
    Status failed = execute_by(launcher, {.report_fd = context.channels.report.get(),
                                          .plain_scripts = step.plain_scripts,
                                          .filters = context.filters,
                                          .path = path,
                                          .arguments = words.arguments,
                                          .environment = words.environment});
    if (failed.error().code() == E2BIG) return E2BIG;
    return failed.error();
  }
  if (Status s = install_waiting_filters(context); !s) return s.error();
  ::execve(path.c_str(), words.arguments.data(), words.environment.data());
  const int code = errno;
  if (code != ENOEXEC || !step.plain_scripts) return code;
  if (Status s = refuse_own_program(kScriptShell, step); !s) return s.error();
  execute_as_script(path, words.arguments, words.environment);
  return code;
}

Error not_in_path(const std::string& name) {
  return Error(cat("find ", name), "there is no such program in the container's PATH")
      .with_code(ENOENT)
      .with_status(kExitNotFound)
      .with_part(FailedPart::kExecute, name);
}

// Tries the places of PATH in their order.
Error try_all(Context& context, const plan::Execute& step, const std::string& name,
              const std::vector<std::string>& paths, const Words& words) {
  int denied = 0;
  std::string denied_path;
  for (const std::string& path : paths) {
    if (::access(path.c_str(), F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR) && path != name) continue;
    const Result<int> code = attempt(context, step, path, words);
    if (!code) return code.error();
    // As execvp(3): what cannot be executed here may be found further on.
    if (path == name || *code != EACCES)
      return explain_exec(path, *code).with_part(FailedPart::kExecute, name);
    denied = *code;
    denied_path = path;
  }
  if (denied != 0) return explain_exec(denied_path, denied).with_part(FailedPart::kExecute, name);
  return not_in_path(name);
}

// What a PATH leads to now; kelp-exec executes it when it is told to.
Result<std::string> find_executable(const plan::Execute& step, const std::string& name,
                                    const std::vector<std::string>& paths) {
  int denied = 0;
  std::string denied_path;
  for (const std::string& path : paths) {
    if (::access(path.c_str(), F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR) && path != name) continue;
    if (Status s = refuse_own_program(path, step); !s) return s.error();
    const int code = expected_refusal(path);
    if (code == 0) return path;
    if (path == name || code != EACCES) return explain_exec(path, code).with_part(FailedPart::kExecute, name);
    denied = code;
    denied_path = path;
  }
  if (denied != 0) return explain_exec(denied_path, denied).with_part(FailedPart::kExecute, name);
  return not_in_path(name);
}

// Becomes kelp-exec, which waits.
Error wait_for_start(Context& context, const plan::Execute& step, const std::string& name,
                     const std::vector<std::string>& paths, const Words& words) {
  Result<std::string> path = find_executable(step, name, paths);
  if (!path) return path.error();
  if (Status s = limit_descriptors(context); !s) return s.error();
  unblock_signals();
  return execute_by(context.launcher, {.report_fd = context.channels.report.get(),
                                       .start_fd = step.start_fd,
                                       .plain_scripts = step.plain_scripts,
                                       .filters = context.filters,
                                       .hooks = &step.hooks,
                                       .path = *path,
                                       .arguments = words.arguments,
                                       .environment = words.environment})
      .error();
}

}  // namespace

Status perform(const plan::MakeLauncher& /*step*/, Context& context) {
  Result<sys::UniqueFd> opened = open_embedded(Embedded::kExec);
  if (!opened) return opened.error();
  context.launcher = std::move(*opened);
  return {};
}

Status perform(const plan::Execute& step, Context& context) {
  context.root.reset();
  // Of a command with a PID 1 that is tied, which takes it along.
  const bool is_held = context.plan.has_reaper && context.plan.new_namespaces.has(Namespace::kPid);
  if (Status s = is_held ? Status() : tie_to_parent(context); !s) return s;
  std::vector<std::string> environment = environment_of(step, context);
  std::vector<std::string> argv = step.argv;
  if (argv.empty())
    argv.push_back(!step.shell.empty() && access_refusal(step.shell, X_OK) == 0 ? step.shell : kScriptShell);
  const std::string name = argv[0];
  if (step.argv0) argv[0] = *step.argv0;

  if (Status s = sys::keep_over_exec(step.preserved_fds); !s) return s;
  const std::vector<std::string> paths =
      candidates(name, variable(environment, "PATH").value_or(kPathWithout));
  const Words words{.arguments = pointers(argv), .environment = pointers(environment)};
  Error error = step.start_fd < 0 ? try_all(context, step, name, paths, words)
                                  : wait_for_start(context, step, name, paths, words);
  const bool is_named = !step.argv.empty();
  if (is_named || error.status() != kExitNotFound) return error;
  return std::move(error).with_hint("there is no shell inside; name a command");
}

}  // namespace kelp::child
