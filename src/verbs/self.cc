// SPDX-License-Identifier: Apache-2.0
// kelp about itself; see self.h.
#include "verbs/self.h"

#include <sys/auxv.h>
#include <unistd.h>

#include <csignal>
#include <new>
#include <string_view>

#include "base/text.h"
#include "bwrap/read.h"
#include "cli/verbs.h"
#include "oci/arguments.h"
#include "sys/descriptors.h"
#include "sys/own_memory.h"
#include "verbs/print.h"

namespace kelp::verbs {
namespace {

// An exception would need memory itself, and end as a core dump.
[[noreturn]] void end_without_memory() {
  constexpr std::string_view kText = "kelp: cannot go on: Cannot allocate memory\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kText.data(), kText.size());
  ::_exit(kExitCannotStart);
}

// Before the constructors of other files' objects (101 is the first place that is not the compiler's own).
[[gnu::constructor(101)]] void prepare_for_lack_of_memory() { std::set_new_handler(end_without_memory); }

// Of every verb, a line each, for the check of the manual pages.
std::string all_flags() {
  std::string out = cli::print_flags();
  for (const std::string_view name : bwrap::option_names()) out += cat("bwrap\t", name, "\n");
  for (const std::string& name : oci::flag_names()) out += cat("oci\t", name, "\n");
  return out;
}

}  // namespace

int about(std::span<const std::string> args) {
  if (args.empty()) {
    (void)print_error(
        Error("start", "no verb was given").with_hint("kelp run host id; kelp --help lists the verbs"));
    return kExitCannotStart;
  }
  const std::string& word = args[0];
  if (word == "--help" || word == "-h" || word == "help") return print_out(cli::program_help());
  if (word == "--version" || word == "version") return print_out(cat("kelp ", KELP_VERSION, "\n"));
  if (word == "--print-flags") return print_out(all_flags());
  const std::string list = "kelp --help lists the verbs";
  if (word.starts_with('-'))
    return print_error(Error(cat("use ", shell_quoted(word)), "flags come after the verb").with_hint(list));
  const std::string_view meant = cli::nearest_verb(word);
  return print_error(Error(cat("run the verb ", shell_quoted(word)), "there is no such verb")
                         .with_hint(meant.empty() ? list : cat("did you mean ", meant, "? ", list)));
}

Status prepare(char** argv) {
  // A reader that is gone and a file that may not grow are errors of a write, told in a sentence or dropped:
  // the status and the report are for somebody else, and must not depend on what the caller ignores. The
  // container gets every signal's default again.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  sys::remember_command_line(argv);
  if (Status s = sys::fill_standard_streams(); !s) return s;
  // The kernel says so itself: set for setuid, setgid and file capabilities (getauxval(3), AT_SECURE).
  if (::getauxval(AT_SECURE) == 0) return {};
  return Error("run with raised privileges", "this program file is setuid, setgid or has file capabilities")
      .with_hint("take them away: chmod ug-s FILE; setcap -r FILE. kelp needs none");
}

}  // namespace kelp::verbs
