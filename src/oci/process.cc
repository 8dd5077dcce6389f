// SPDX-License-Identifier: Apache-2.0
// The object `process`: what is executed, where and with which environment; see process.h.
#include "oci/process.h"

#include <utility>

#include "base/text.h"
#include "oci/sections.h"

namespace kelp::oci {
namespace {

constexpr std::uint64_t kMostCells = UINT16_MAX;  // struct winsize

void read_words(const Section& process, Command& command) {
  command.argv = process.texts("args");
  if (command.argv.empty()) process.refuse("args", "it names no program");
  if (!command.argv.empty() && command.argv.front().empty())
    process.refuse("args", 0, "the name of the program is empty");
  std::string directory = process.needed_text("cwd");
  if (!directory.empty() && !directory.starts_with('/'))
    process.refuse("cwd", cat("'", directory, "' is not absolute"));
  command.directory = directory.empty() ? "/" : std::move(directory);
}

// putenv(3) takes a variable away where there is no '=', and there are none before these.
void read_environment(const Section& process, Command& command) {
  const std::vector<std::string> entries = process.texts("env");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::size_t equals = entries[i].find('=');
    if (equals == 0) process.refuse("env", i, cat("'", entries[i], "' has no name"));
    if (equals != std::string::npos) command.environment.entries.push_back(entries[i]);
  }
  command.environment.home_from_root = true;
}

void read_terminal(const Section& process, Command& command) {
  if (!process.flag("terminal").value_or(false)) return;
  command.terminal = TerminalMode::kAlways;
  command.has_console = true;
  const Section size = process.object("consoleSize");
  if (!size) return;
  const std::uint64_t rows = size.needed_number("height", kMostCells);
  const std::uint64_t columns = size.needed_number("width", kMostCells);
  // Docker writes 0 by 0 where it does not know.
  if (rows == 0 && columns == 0) return;
  command.terminal_size =
      TerminalSize{.rows = static_cast<std::uint16_t>(rows), .columns = static_cast<std::uint16_t>(columns)};
}

}  // namespace

Command command_of(const Section& process, const Surroundings& around, std::vector<std::string>& warnings) {
  Command command;
  read_words(process, command);
  read_environment(process, command);
  read_terminal(process, command);
  read_user(process, command);
  read_capabilities(process, command, warnings);
  read_limits(process, command);
  read_scheduling(process, command);
  command.new_privileges = !process.flag("noNewPrivileges").value_or(false);
  command.locks_root = false;
  read_process_labels(process, around, command.labels);
  command.pid1 = Pid1::kCommand;
  command.new_session = true;
  command.new_keyring = around.new_keyring;
  command.preserved_fds = around.preserved_fds;
  return command;
}

void read_process(const Section& top, Draft& draft) {
  const Section process = top.object("process");
  if (!process) {
    if (!top.has("process")) top.refuse("process", "it is missing");
    return;
  }
  draft.config.spec.command = command_of(process, draft.around, draft.config.warnings);
  draft.config.exec_affinity = read_exec_affinity(process);
  draft.config.spec.origins.directory = {process.path_of("cwd")};
  draft.config.spec.origins.umask = {process.path_of("user.umask")};
}

}  // namespace kelp::oci
