// SPDX-License-Identifier: Apache-2.0
// The command lines of the verbs about containers that stay; see stay.h.
#include "cli/stay.h"

#include <array>
#include <utility>

#include "base/text.h"
#include "cli/help.h"

namespace kelp::cli {
namespace {

constexpr std::uint64_t kMostSeconds = 1U << 30U;

constexpr FlagInfo kHelp{'h', "help", Takes::kNothing, "", "Flags", "print this and stop"};
constexpr std::array kOnlyHelp = {kHelp};
constexpr auto kPsFlags = std::to_array<FlagInfo>({
    {'a', "all", Takes::kNothing, "", "Flags", "accepted: all are listed anyway"},
    {0, "format", Takes::kValue, "table|json", "Flags", "a table (default), or one array of JSON"},
    {'q', "quiet", Takes::kNothing, "", "Flags", "the names only, one a line"},
    kHelp,
});
constexpr auto kLogsFlags = std::to_array<FlagInfo>({
    {'f', "follow", Takes::kNothing, "", "Flags", "go on until the container ends"},
    kHelp,
});
constexpr auto kStopFlags = std::to_array<FlagInfo>({
    {'t', "time", Takes::kValue, "SECONDS", "Flags", "from TERM to KILL (default: 10)"},
    kHelp,
});
constexpr auto kKillFlags = std::to_array<FlagInfo>({
    {'s', "signal", Takes::kValue, "SIGNAL", "Flags", "which one: TERM, SIGTERM or 15 (default: KILL)"},
    kHelp,
});
constexpr auto kRmFlags = std::to_array<FlagInfo>({
    {'f', "force", Takes::kNothing, "", "Flags", "end those that run; absent ones are fine"},
    kHelp,
});

struct VerbInfo {
  std::string_view usage;
  std::string_view about;
  std::span<const FlagInfo> flags;
  std::string_view action;  // where a name is missing
};

const VerbInfo& info_of(StayVerb verb) {
  static constexpr std::array<VerbInfo, 7> kVerbs = {{
      {"kelp ps [FLAG...]",
       "Lists the containers that `kelp run -d` or `kelp run --name` has started, and how they ended.",
       kPsFlags, ""},
      {"kelp logs [FLAG...] NAME", "Prints what a container of `kelp run -d` has written.", kLogsFlags,
       "read a log"},
      {"kelp stop [FLAG...] NAME...", "Sends TERM, later KILL, and waits for the end.", kStopFlags,
       "stop a container"},
      {"kelp kill [FLAG...] NAME...", "Sends a signal, as if to the kelp that started the container.",
       kKillFlags, "kill a container"},
      {"kelp wait [FLAG...] NAME...",
       "Waits for the end, prints the exit status that `kelp run` would have had, and exits with it.",
       kOnlyHelp, "wait for a container"},
      {"kelp inspect [FLAG...] NAME...", "Prints what is known of containers, as an array of JSON.",
       kOnlyHelp, "inspect a container"},
      {"kelp rm [FLAG...] NAME...", "Forgets containers that have ended: their status and their log.",
       kRmFlags, "remove a container"},
  }};
  return kVerbs.at(static_cast<std::size_t>(verb));
}

Status apply(StayRequest& request, const Given& given, std::string_view flag) {
  if (flag == "follow") request.follow = given.is_on;
  if (flag == "force") request.force = given.is_on;
  if (flag == "quiet") request.quiet = given.is_on;
  if (flag == "help") request.help = given.is_on;
  if (flag == "signal") request.signal = *given.value;
  if (flag == "format") {
    if (*given.value != "json" && *given.value != "table")
      return Error(cat("read ", given.typed), cat("'", *given.value, "' is neither table nor json"));
    request.json = *given.value == "json";
  }
  if (flag == "time") {
    const auto seconds = read_decimal(*given.value, kMostSeconds);
    if (!seconds)
      return Error(cat("read ", given.typed), cat("'", *given.value, "' is no number of seconds"));
    request.seconds = *seconds;
  }
  return {};
}

Status check_names(StayVerb verb, const std::vector<std::string>& names) {
  if (verb == StayVerb::kPs) {
    if (names.empty()) return {};
    return Error("list the containers", cat("'", names[0], "' is no flag"))
        .with_hint(cat("kelp inspect ", shell_quoted(names[0]), " tells of one"));
  }
  if (names.empty())
    return Error(std::string(info_of(verb).action), "its name is missing")
        .with_hint("kelp ps lists the containers");
  if (verb == StayVerb::kLogs && names.size() > 1) return Error("read a log", "more than one name is given");
  return {};
}

}  // namespace

std::span<const FlagInfo> stay_flags(StayVerb verb) { return info_of(verb).flags; }

std::string stay_help(StayVerb verb) {
  const VerbInfo& info = info_of(verb);
  return help_text({.usage = info.usage, .about = info.about, .flags = info.flags, .after = ""});
}

Result<StayRequest> read_stay(StayVerb verb, std::span<const std::string> args) {
  const std::span<const FlagInfo> flags = stay_flags(verb);
  Result<CommandLine> line = read_command_line(flags, {}, args, Positionals::kAnywhere);
  if (!line) return line.error();
  StayRequest request;
  for (const Given& given : line->given) {
    if (Status s = apply(request, given, flags[given.row].name); !s) return s.error();
  }
  if (request.help) return StayRequest{.help = true};
  if (Status s = check_names(verb, line->rest); !s) return s.error();
  request.names = std::move(line->rest);
  return request;
}

}  // namespace kelp::cli
