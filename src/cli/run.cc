// SPDX-License-Identifier: Apache-2.0
// The command line of `kelp run`: flags, ROOT, COMMAND.
#include "cli/run.h"

#include <iterator>
#include <utility>

#include "base/text.h"
#include "cli/draft.h"
#include "cli/help.h"
#include "cli/lacks.h"
#include "cli/profile.h"
#include "cli/scan.h"
#include "cli/values.h"

namespace kelp::cli {
namespace {

Status read_rest(Draft& draft, CommandLine& line) {
  std::vector<std::string>& rest = line.rest;
  if (rest.empty()) return root_is_missing(draft);
  if (Status s = read_root(rest[0], draft); !s) return s;
  std::size_t at = 1;
  if (rest.size() > 1 && rest[1] == "--") {
    at = 2;
  } else if (rest.size() > 1 && draft.entrypoint.empty() && !line.rest_is_marked && rest[1].size() > 1 &&
             rest[1][0] == '-') {
    return Error(cat("use ", rest[1], " after ROOT"), "flags end at ROOT")
        .with_hint(cat("write it before ", shell_quoted(rest[0]), ", or -- before a command of that name"));
  }
  std::vector<std::string>& argv = draft.request.spec.command.argv;
  if (!draft.entrypoint.empty()) argv.push_back(std::move(draft.entrypoint));
  argv.insert(argv.end(), std::make_move_iterator(rest.begin() + static_cast<std::ptrdiff_t>(at)),
              std::make_move_iterator(rest.end()));
  return {};
}

// What a command line that may be wrong elsewhere says with this flag; empty: nothing.
std::string last_value(std::span<const std::string> args, std::string_view name) {
  std::string value;
  const Result<Scan> found = scan(run_flags(), run_lacks(), args, Positionals::kEndFlags);
  if (!found) return value;
  for (const Given& given : found->given) {
    if (run_flags()[given.row].name == name) value = given.typed.substr(given.typed.find_first_of("= ") + 1);
  }
  return value;
}

}  // namespace

std::string run_help() {
  return help_text({
      .usage = "kelp run [FLAG...] ROOT [--] [COMMAND [ARG...]]",
      .about =
          "Runs COMMAND (default: a shell) in a container. ROOT is a directory that holds a root file system "
          "(a path with a slash), 'host' (this machine's own userland, read-only) or 'empty'. Flags end at "
          "ROOT.",
      .flags = run_flags(),
      .after = "examples: kelp run host id\n"
               "          kelp run --here --network=none host make test\n"
               "          kelp run -v ~/src:/src:ro -w /src ./debian ls\n"
               "More in kelp-run(1).\n",
  });
}

Result<RunRequest> read_run(std::span<const std::string> args, const Surroundings& around) {
  Result<CommandLine> line = read_command_line(run_flags(), run_lacks(), args, Positionals::kEndFlags);
  if (!line) return line.error();
  Result<std::vector<Given>> flags = with_profiles(std::move(line->given), around);
  if (!flags) return flags.error();
  // Which defaults there are must be known before a flag changes them.
  bool is_bare = false;
  for (const Given& given : *flags) {
    if (run_flags()[given.row].name == "bare") is_bare = given.is_on;
  }
  Draft draft{.around = around, .given = *flags};
  draft.is_bare = is_bare;
  draft.request.spec = is_bare ? bare_defaults(around) : run_defaults(around);
  for (const Given& given : *flags) {
    if (Status s = apply(draft, given); !s) return s.error();
  }
  if (draft.request.help) {
    RunRequest help;
    help.help = true;
    return help;
  }
  if (Status s = read_rest(draft, *line); !s) return s.error();
  if (Status s = finish(draft); !s) return s.error();
  return std::move(draft.request);
}

LogFormat log_format_of(std::span<const std::string> args) {
  return last_value(args, "log-format") == "json" ? LogFormat::kJson : LogFormat::kText;
}

int report_fd_of(std::span<const std::string> args) {
  const auto fd = read_fd(last_value(args, "report"));
  return fd && *fd > 2 ? *fd : -1;
}

}  // namespace kelp::cli
