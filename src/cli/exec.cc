// SPDX-License-Identifier: Apache-2.0
// The command line of `kelp exec`: flags, NAME, COMMAND.
#include "cli/exec.h"

#include <array>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "cli/environment.h"
#include "cli/help.h"
#include "cli/ids.h"

namespace kelp::cli {
namespace {

enum Row : std::size_t { kEnv, kEnvFile, kUser, kWorkdir, kTty, kInteractive, kHelp };
constexpr auto kFlags = std::to_array<FlagInfo>({
    {'e', "env", Takes::kValue, "NAME[=VALUE]", "Flags",
     "set a variable besides the container's; NAME passes yours, 'NAME*' all that begin so"},
    {0, "env-file", Takes::kValue, "FILE", "Flags", "the same, one a line"},
    {'u', "user", Takes::kValue, "USER[:GROUP]", "Flags", "run as this user of ROOT"},
    {'w', "workdir", Takes::kValue, "DIR", "Flags", "start in this directory of the container"},
    {'t', "tty", Takes::kOptionalValue, "auto|always|never", "Flags",
     "a terminal of the container's own (default: auto; without a value: always)"},
    {'i', "interactive", Takes::kNothing, "", "Flags", "accepted: stdin is always connected"},
    {'h', "help", Takes::kNothing, "", "Flags", "print this and stop"},
});

Result<TerminalMode> read_tty(const Given& given) {
  if (!given.value) return given.is_on ? TerminalMode::kAlways : TerminalMode::kNever;
  if (*given.value == "auto") return TerminalMode::kAuto;
  if (*given.value == "always") return TerminalMode::kAlways;
  if (*given.value == "never") return TerminalMode::kNever;
  return Error(cat("read ", given.typed), cat("'", *given.value, "' is none of auto, always, never"));
}

struct Reading {
  const Surroundings& around;
  ExecRequest request;
  std::vector<std::string> of_files, of_flags;  // flags win, whatever the order
};

Status read_env_file(Reading& reading, const Given& given) {
  Result<std::string> content = reading.around.read_file(*given.value);
  if (!content) return std::move(content.error()).after(cat("for ", given.typed));
  return add_variables_of_file(*content, reading.around, given.typed, reading.of_files);
}

Status apply(Reading& reading, const Given& given) {
  ExecRequest& request = reading.request;
  switch (static_cast<Row>(given.row)) {
    case kEnv: return add_variable(*given.value, reading.around, given.typed, reading.of_flags);
    case kEnvFile: return read_env_file(reading, given);
    case kUser: {
      Result<User> user = read_user(*given.value, given.typed);
      if (!user) return user.error();
      request.user = std::move(*user);
      return {};
    }
    case kWorkdir: request.directory = given.value; return {};
    case kTty: {
      const Result<TerminalMode> mode = read_tty(given);
      if (!mode) return mode.error();
      request.terminal = *mode;
      return {};
    }
    case kInteractive: return {};
    case kHelp: request.help = given.is_on; return {};
  }
  return {};
}

// The terminal is the caller's, as the container's is that of who started it.
void add_environment(Reading& reading) {
  const auto term = variable(reading.around, "TERM");
  std::vector<std::string>& entries = reading.request.environment;
  if (reading.around.has_terminal && term && reading.request.terminal != TerminalMode::kNever)
    entries.push_back(cat("TERM=", *term));
  for (auto* list : {&reading.of_files, &reading.of_flags})
    entries.insert(entries.end(), std::make_move_iterator(list->begin()),
                   std::make_move_iterator(list->end()));
}

}  // namespace

std::span<const FlagInfo> exec_flags() { return kFlags; }

std::string exec_help() {
  return help_text({
      .usage = "kelp exec [FLAG...] NAME [--] [COMMAND [ARG...]]",
      .about = "Runs COMMAND (default: a shell) in the container NAME, which `kelp run --name` or `kelp run "
               "-d` has started: with its user, rights, limits and environment.",
      .flags = kFlags,
      .after = "example: kelp run -d --name build ./debian sleep infinity\n"
               "         kelp exec build make\n",
  });
}

Result<ExecRequest> read_exec(std::span<const std::string> args, const Surroundings& around) {
  Result<CommandLine> line = read_command_line(kFlags, {}, args, Positionals::kEndFlags);
  if (!line) return line.error();
  Reading reading{.around = around, .request = {}, .of_files = {}, .of_flags = {}};
  for (const Given& given : line->given) {
    if (Status s = apply(reading, given); !s) return s.error();
  }
  ExecRequest& request = reading.request;
  if (request.help) return ExecRequest{.help = true};
  std::vector<std::string>& rest = line->rest;
  if (rest.empty())
    return Error("enter a container", "its name is missing").with_hint("kelp ps lists the containers");
  request.name = rest[0];
  const std::size_t first = rest.size() > 1 && rest[1] == "--" ? 2 : 1;
  request.argv.assign(std::make_move_iterator(rest.begin() + static_cast<std::ptrdiff_t>(first)),
                      std::make_move_iterator(rest.end()));
  if (!request.argv.empty() && request.argv[0].empty())
    return Error("run ''", "the name of the program is empty");
  add_environment(reading);
  return std::move(reading.request);
}

}  // namespace kelp::cli
