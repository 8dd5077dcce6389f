// SPDX-License-Identifier: Apache-2.0
// The command line of `kelp doctor`.
#include "cli/doctor.h"

#include <array>

#include "base/text.h"
#include "cli/help.h"

namespace kelp::cli {
namespace {

enum Row : std::size_t { kJson, kHelp };
constexpr std::array<FlagInfo, 2> kFlags = {{
    {.name = "json", .group = "Output", .help = "print the findings as JSON"},
    {.letter = 'h', .name = "help", .group = "Output", .help = "print this and stop"},
}};

}  // namespace

std::span<const FlagInfo> doctor_flags() { return kFlags; }

std::string doctor_help() {
  return help_text({
      .usage = "kelp doctor [--json]",
      .about =
          "Says what this machine has of what a start needs, one line each, and how to mend what is missing. "
          "Exit status: 0 full strength, 1 something is missing.",
      .flags = kFlags,
      .after = "",
  });
}

Result<DoctorRequest> read_doctor(std::span<const std::string> args) {
  Result<CommandLine> line = read_command_line(kFlags, {}, args, Positionals::kAnywhere);
  if (!line) return line.error();
  DoctorRequest request;
  for (const Given& given : line->given) {
    switch (static_cast<Row>(given.row)) {
      case kJson: request.json = given.is_on; break;
      case kHelp: request.help = given.is_on; break;
    }
  }
  if (!line->rest.empty()) return Error(cat("read ", line->rest[0]), "doctor takes flags only");
  return request;
}

}  // namespace kelp::cli
