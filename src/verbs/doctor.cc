// SPDX-License-Identifier: Apache-2.0
// `kelp doctor`: look around, judge, and prove it by one start of this very program.
#include "verbs/doctor.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "cli/doctor.h"
#include "host/checks.h"
#include "host/ladder_facts.h"
#include "plan/build.h"
#include "sys/files.h"
#include "sys/pipe.h"
#include "sys/process.h"
#include "verbs/doctor_print.h"
#include "verbs/print.h"

namespace kelp::verbs {
namespace {

constexpr std::size_t kMostOutput = std::size_t{64} * 1024;

// What kelp wrote: "kelp: SENTENCE" and "hint: HINT", each on a line of its own.
host::Finding failed_start(std::string_view output) {
  host::Finding finding{.condition = host::Condition::kMissing,
                        .fact = "`kelp run host /bin/true` fails",
                        .why = {},
                        .mend = {}};
  for (const std::string_view line : split(output, '\n')) {
    if (line.starts_with("hint: ")) {
      finding.mend += cat(finding.mend.empty() ? "" : "; ", printable(line.substr(6)));
    } else if (!line.empty()) {
      finding.why += cat(finding.why.empty() ? "" : "; ", printable(line));
    }
  }
  return finding;
}

struct Start {
  int wait_status = 0;
  std::string output;
};

Result<Start> start_once() {
  Result<sys::Pipe> output = sys::make_pipe();
  if (!output) return output.error();
  Result<sys::Process> kelp = sys::start_program(
      {"/proc/self/exe", "run", "--tty=never", "host", "/bin/true"}, output->write_end.get());
  if (!kelp) return kelp.error();
  output->write_end.reset();
  Result<std::string> text = sys::read_all(output->read_end.get(), kMostOutput, "what kelp run writes");
  if (!text) return text.error();
  const Result<sys::Process::Ended> ended = kelp->wait();
  if (!ended) return ended.error();
  return Start{.wait_status = ended->wait_status, .output = std::move(*text)};
}

// The proof: all that was looked at may be right, and a start still fail.
host::Finding check_start() {
  const Result<Start> start = start_once();
  if (!start) return failed_start(cat("kelp: ", start.error().sentence()));
  if (start->wait_status != 0) return failed_start(start->output);
  return {
      .condition = host::Condition::kOk, .fact = "`kelp run host /bin/true` works", .why = {}, .mend = {}};
}

// Where a start stands here, and what would lift it.
host::Finding check_rung(const host::Situation& at) {
  host::LadderFacts here = host::ladder_of(at.trial, at.machine);
  const Rung on_directory = plan::best_rung(here, true);
  const Rung on_host = plan::best_rung(here, false);
  if (on_host == Rung::kFull)
    return {.condition = host::Condition::kOk, .fact = rung_title(on_host), .why = {}, .mend = {}};
  const std::string fact = on_directory == on_host ? rung_title(on_host)
                                                   : cat(rung_title(on_directory), " on a directory, ",
                                                         rung_title(on_host), " on ROOT host");
  return {.condition = host::Condition::kMissing,
          .fact = cat(fact, ", and only with --fallback"),
          .why = cat(here.missing, ": ", here.why),
          .mend = std::move(here.mend)};
}

Result<std::vector<DoctorItem>> examine() {
  const Result<host::Situation> situation = host::look_around();
  if (!situation) return situation.error();
  std::vector<DoctorItem> items;
  for (const host::Check& check : host::all_checks()) {
    items.push_back({.name = std::string(check.name), .finding = check.examine(*situation)});
  }
  items.push_back({.name = "rung", .finding = check_rung(*situation)});
  items.push_back({.name = "a start", .finding = check_start()});
  return items;
}

Colour colour_of_stdout() {
  const char* const refused = std::getenv("NO_COLOR");
  const bool is_refused = refused != nullptr && refused[0] != '\0';
  return !is_refused && ::isatty(STDOUT_FILENO) == 1 ? Colour::kYes : Colour::kNever;
}

}  // namespace

int doctor(std::span<const std::string> args) {
  const Result<cli::DoctorRequest> request = cli::read_doctor(args);
  if (!request) return print_error(request.error());
  if (request->help) return print_out(cli::doctor_help());
  const Result<std::vector<DoctorItem>> items = examine();
  if (!items) return print_error(items.error());
  const int printed =
      print_out(request->json ? doctor_json(*items) : doctor_text(*items, colour_of_stdout()));
  if (printed != 0) return printed;
  return is_full_strength(*items) ? 0 : 1;
}

}  // namespace kelp::verbs
