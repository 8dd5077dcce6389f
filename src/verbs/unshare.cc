// SPDX-License-Identifier: Apache-2.0
// `kelp unshare`; see unshare.h. It fences nothing in: the command is the user, with more ids.
#include "verbs/unshare.h"

#include <unistd.h>

#include <cstdlib>

#include "base/text.h"
#include "cli/unshare.h"
#include "sys/files.h"
#include "verbs/print.h"
#include "verbs/start_spec.h"

namespace kelp::verbs {
namespace {

// On the machine's own files a relative directory means what it means in a shell.
std::string starting_directory(const std::string& wanted) {
  if (wanted.starts_with('/')) return wanted;
  const std::string here = sys::working_directory();
  if (here.empty()) return wanted.empty() ? "/" : wanted;  // check() refuses what has no beginning
  return wanted.empty() ? here : cat(here, "/", wanted);
}

Spec unshare_spec(cli::UnshareRequest request) {
  Spec spec;
  spec.root = Root{.what = DirectoryRoot{.path = "/"}, .devices = true};
  spec.ids = std::move(request.ids);
  // A disk that is mounted meanwhile is to be seen here too.
  spec.propagation = MountPropagation::kSlave;
  Command& command = spec.command;
  command.argv = std::move(request.argv);
  if (const char* shell = std::getenv("SHELL"); shell != nullptr) command.default_shell = shell;
  command.directory = starting_directory(request.directory.value_or(""));
  for (char** entry = environ; *entry != nullptr; ++entry) command.environment.entries.emplace_back(*entry);
  command.keep_own_ids = std::holds_alternative<KeepId>(spec.ids.map);
  command.capabilities = {.root = all_capabilities(), .any_user = all_capabilities()};
  command.new_privileges = false;
  command.die_with_parent = true;
  return spec;
}

}  // namespace

int unshare(std::span<const std::string> args) {
  Result<cli::UnshareRequest> request = cli::read_unshare(args);
  if (!request) return print_error(request.error());
  if (request->help) return print_out(cli::unshare_help());
  return start_spec(unshare_spec(std::move(*request)), {});
}

}  // namespace kelp::verbs
