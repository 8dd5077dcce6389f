// SPDX-License-Identifier: Apache-2.0
// All verbs at a glance.
#include "cli/verbs.h"

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "cli/doctor.h"
#include "cli/exec.h"
#include "cli/nearest.h"
#include "cli/rootfs.h"
#include "cli/run.h"
#include "cli/stay.h"
#include "cli/unshare.h"

namespace kelp::cli {
namespace {

struct VerbInfo {
  std::string_view name;
  std::string_view about;
  std::span<const FlagInfo> (*flags)();
};

// Their options are not flags of kelp's; src/bwrap and src/oci have them.
std::span<const FlagInfo> no_flags() { return {}; }

template <StayVerb Verb>
std::span<const FlagInfo> flags_of() {
  return stay_flags(Verb);
}

constexpr auto kVerbs = std::to_array<VerbInfo>({
    {"run", "run a command in a container", run_flags},
    {"exec", "run one more command in a container that stays", exec_flags},
    {"ps", "list the containers that stay", flags_of<StayVerb::kPs>},
    {"logs", "print what one has written", flags_of<StayVerb::kLogs>},
    {"stop", "end some, by TERM and then KILL", flags_of<StayVerb::kStop>},
    {"kill", "send a signal to some", flags_of<StayVerb::kKill>},
    {"wait", "wait for the end of some, and tell their status", flags_of<StayVerb::kWait>},
    {"inspect", "print what is known of some", flags_of<StayVerb::kInspect>},
    {"rm", "forget some that have ended", flags_of<StayVerb::kRm>},
    {"unshare", "run a command on the host's files inside the same id map", unshare_flags},
    {"rootfs", "make a root file system from this machine's programs", rootfs_flags},
    {"bwrap", "take the command line of bubblewrap", no_flags},
    {"oci", "run containers for engines, as kelp-oci", no_flags},
    {"doctor", "say what this machine has of what a start needs", doctor_flags},
});

}  // namespace

std::string program_help() {
  std::string out =
      "usage: kelp VERB [FLAG...] [ARG...]\nStarts programs in containers, for people who are not root.\n\n";
  for (const VerbInfo& verb : kVerbs) {
    out += cat("  ", verb.name, std::string(10 - verb.name.size(), ' '), verb.about, '\n');
  }
  return out +
         "\n  kelp VERB --help   the flags of a verb\n"
         "  kelp --help        this\n"
         "  kelp --version     the version\n"
         "\nTry: kelp run host id\nMore in kelp(1).\n";
}

std::string_view nearest_verb(std::string_view typed) {
  std::vector<std::string_view> names;
  names.reserve(kVerbs.size());
  for (const VerbInfo& verb : kVerbs) names.push_back(verb.name);
  return nearest(typed, names);
}

std::string print_flags() {
  std::string out = "-\t--help\n-\t--version\n-\t--print-flags\n";
  for (const VerbInfo& verb : kVerbs) {
    for (const FlagInfo& flag : verb.flags()) {
      if (flag.letter != 0) out += cat(verb.name, "\t-", flag.letter, '\n');
      out += cat(verb.name, '\t', long_name(flag), '\n');
    }
  }
  return out;
}

}  // namespace kelp::cli
