// SPDX-License-Identifier: Apache-2.0
// The command line of `kelp unshare`.
#include "cli/unshare.h"

#include <array>
#include <utility>

#include "base/text.h"
#include "cli/help.h"
#include "cli/ids.h"

namespace kelp::cli {
namespace {

enum Row : std::size_t { kUserns, kWorkdir, kHelp };
constexpr std::array<FlagInfo, 3> kFlags = {{
    {.name = "userns",
     .takes = Takes::kValue,
     .value = "MODE|MAP",
     .group = "Flags",
     .help = "ids as of `kelp run`: auto (default), single, keep-id, or INSIDE:HOST:COUNT,..."},
    {.letter = 'w',
     .name = "workdir",
     .takes = Takes::kValue,
     .value = "DIR",
     .group = "Flags",
     .help = "start in this directory (default: the current one)"},
    {.letter = 'h', .name = "help", .group = "Flags", .help = "print this and stop"},
}};

}  // namespace

std::span<const FlagInfo> unshare_flags() { return kFlags; }

std::string unshare_help() {
  return help_text({
      .usage = "kelp unshare [FLAG...] [--] [COMMAND [ARG...]]",
      .about = "Runs COMMAND (default: your shell) on the host's files, as root of the same id map that "
               "`kelp run` "
               "uses: files that belong to your subordinate ids can be listed, repaired and deleted.",
      .flags = kFlags,
      .after = "example: kelp unshare rm -rf ./debian\n",
  });
}

Result<UnshareRequest> read_unshare(std::span<const std::string> args) {
  Result<CommandLine> line = read_command_line(kFlags, {}, args, Positionals::kEndFlags);
  if (!line) return line.error();
  UnshareRequest request;
  for (Given& given : line->given) {
    switch (static_cast<Row>(given.row)) {
      case kUserns: {
        Result<Ids> ids = read_userns(*given.value, given.typed);
        if (!ids) return ids.error();
        request.ids = *std::move(ids);
        break;
      }
      case kWorkdir:
        if (given.value->empty()) return Error(cat("read ", given.typed), "the directory is empty");
        request.directory = std::move(given.value);
        break;
      case kHelp: request.help = given.is_on; break;
    }
  }
  if (request.help) {
    UnshareRequest help;
    help.help = true;
    return help;
  }
  if (!line->rest.empty() && line->rest[0].empty())
    return Error("run ''", "the name of the program is empty");
  request.argv = std::move(line->rest);
  return request;
}

}  // namespace kelp::cli
