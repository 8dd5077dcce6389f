// SPDX-License-Identifier: Apache-2.0
// `kelp run`; see run.h.
#include "verbs/run.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/text.h"
#include "cli/memory.h"
#include "cli/run.h"
#include "sys/files.h"
#include "sys/libyaml.h"
#include "verbs/data_directories.h"
#include "verbs/host_nodes.h"
#include "verbs/print.h"
#include "verbs/report_line.h"
#include "verbs/run_hints.h"
#include "verbs/start_spec.h"
#include "verbs/stay_network.h"
#include "verbs/stay_run.h"

namespace kelp::verbs {
namespace {

constexpr std::size_t kMaxGivenFile = 1U << 20U;

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> list(::opendir(directory.c_str()), ::closedir);
  while (const dirent* const entry = list ? ::readdir(list.get()) : nullptr) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  std::ranges::sort(names);
  return names;
}

// `network_fds`: to leave open until the start.
cli::Surroundings surroundings(std::vector<int>& network_fds) {
  cli::Surroundings around;
  for (char** entry = environ; *entry != nullptr; ++entry) around.environment.emplace_back(*entry);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) around.has_terminal |= ::isatty(fd) == 1;
  around.working_directory = sys::working_directory();
  around.read_file = [](const std::string& path) { return sys::read_file(path, kMaxGivenFile); };
  around.read_fd = [](int fd) { return sys::read_all(fd, kMaxGivenFile, cat("descriptor ", fd)); };
  around.names_in = names_in;
  around.is_there = [](const std::string& path) { return ::access(path.c_str(), F_OK) == 0; };
  around.look_at = look_at;
  around.json_of_yaml = [](const std::string& yaml) { return sys::json_of_yaml(yaml); };
  around.library_name = library_name;
  around.network_of = [&network_fds](const std::string& name) { return network_of(name, network_fds); };
  around.data_directories = data_directories;
  return around;
}

LogFormat log_format(cli::LogFormat format) {
  return format == cli::LogFormat::kJson ? LogFormat::kJson : LogFormat::kText;
}

}  // namespace

int run(std::span<const std::string> args) {
  std::vector<int> network_fds;
  cli::Memory memory;
  const cli::Surroundings around = cli::remembering(surroundings(network_fds), memory);
  Result<cli::RunRequest> request = cli::read_run(args, around);
  if (!request) {
    const LogFormat format = log_format(cli::log_format_of(args));
    write_report_line({.fd = cli::report_fd_of(args), .error = &request.error()}, format);
    return print_error(request.error(), format);
  }
  if (request->help) return print_out(cli::run_help());
  const bool has_directory = request->spec.command.directory.has_value();
  const auto add_hints = [&](const Error& error) { return with_hints_of_run(error, has_directory); };
  std::ranges::sort(network_fds);
  request->spec.parent_fds = std::move(network_fds);
  StartOptions options{.explain = request->explain,
                       .dry_run = request->dry_run,
                       .json = request->json,
                       .log_format = log_format(request->log_format),
                       .add_hints = add_hints};
  if (!request->stays() || request->dry_run) return start_spec(std::move(request->spec), options);
  cli::remember(memory, args, around, request->spec);
  return run_staying(std::move(*request), memory, std::move(options));
}

}  // namespace kelp::verbs
