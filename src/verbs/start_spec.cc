// SPDX-License-Identifier: Apache-2.0
// From a Spec to an exit status; see start_spec.h.
#include "verbs/start_spec.h"

#include <unistd.h>

#include <cerrno>

#include "base/text.h"
#include "host/causes.h"
#include "host/probe.h"
#include "launch/clock.h"
#include "launch/exit_status.h"
#include "launch/last_words.h"
#include "launch/start.h"
#include "launch/wait.h"
#include "plan/build.h"
#include "verbs/plan_print.h"
#include "verbs/report_line.h"
#include "verbs/seccomp_profiles.h"

namespace kelp::verbs {
namespace {

int refuse(Error error, ReportLine line, const StartOptions& options) {
  if (options.add_hints) error = options.add_hints(std::move(error));
  if (error.code() == EMFILE && error.hint().empty()) {
    std::string hint = host::hint_for(host::Failed::kOpen, EMFILE);
    if (!hint.empty()) error = std::move(error).with_hint(std::move(hint));
  }
  line.error = &error;
  write_report_line(line, options.log_format);
  return options.refuse ? options.refuse(error) : print_error(error, options.log_format, line.deadline_us);
}

std::string warnings_text(const std::vector<std::string>& texts, const StartOptions& options) {
  std::string out;
  if (options.refuse) return out;
  for (const std::string& text : texts) out += warning_line(text, options.log_format);
  return out;
}

// While nothing is there yet that signals or --timeout could end, they end the waiting for a reader.
Status announce(const plan::Plan& plan, const StartOptions& options,
                std::optional<std::uint64_t> deadline_us) {
  std::string text = warnings_text(plan.warnings, options);
  if (options.explain) text += plan_text(plan, options.json);
  const Status said = launch::write_last_words(STDERR_FILENO, text, "stderr", deadline_us);
  if (said || !deadline_us || launch::now_us() < *deadline_us) return {};
  return Error("start the container", "the time is over (--timeout)").with_status(kExitTimeout);
}

struct Ran {
  Result<launch::Finished> finished;
  std::string unsaid;  // what stderr has not taken yet
};

Ran announce_and_run(const plan::Plan& plan, const StartOptions& options, ReportLine& line) {
  if (Status s = announce(plan, options, line.deadline_us); !s) return {.finished = s.error(), .unsaid = {}};
  if (options.take_streams) options.take_streams();
  Result<launch::Running> running = launch::start(plan, options.at_birth);
  if (options.give_back_streams) options.give_back_streams();
  if (!running) return {.finished = running.error(), .unsaid = {}};
  line.setup_us = running->setup_us;
  line.proc = running->proc;
  std::string text = warnings_text(running->warnings, options);
  if (options.explain && !running->made.empty()) text += made_text(running->made, options.json);
  // The command runs: nobody who does not read may keep kelp from its signals, its terminal and its end.
  std::string unsaid(launch::write_while_taken(STDERR_FILENO, text, "stderr"));
  if (options.began) {
    if (Status s = options.began(plan, *running); !s) return {.finished = s.error(), .unsaid = {}};
  }
  return {.finished = launch::wait(plan, std::move(*running)), .unsaid = std::move(unsaid)};
}

}  // namespace

Result<plan::Plan> make_plan(Spec spec) {
  Result<std::vector<std::string>> warnings = compile_profiles(spec.seccomp);
  if (!warnings) return warnings.error();
  Result<CheckedSpec> checked = check(std::move(spec));
  if (!checked) return checked.error();
  Result<host::Facts> facts = host::probe(plan::needs(*checked));
  if (!facts) return facts.error();
  Result<plan::Plan> plan = plan::build(*checked, *facts);
  if (plan) plan->warnings.insert(plan->warnings.end(), warnings->begin(), warnings->end());
  return plan;
}

int start_spec(Spec spec, const StartOptions& options) {
  ReportLine line;
  if (spec.report_fd > STDERR_FILENO) line.fd = spec.report_fd;  // others are refused
  Result<plan::Plan> plan = make_plan(std::move(spec));
  if (!plan) return refuse(std::move(plan.error()), line, options);
  if (options.dry_run) {
    say(warnings_text(plan->warnings, options));
    return print_out(plan_text(*plan, options.json));
  }
  plan->tells_made_mount_points = options.explain && plan->root_is_lasting;
  line.rung = plan->rung;
  line.not_enforced = gaps_in_print(plan->policy);
  line.deadline_us = launch::deadline_of(*plan, launch::now_us());
  Ran ran = announce_and_run(*plan, options, line);
  const Result<launch::Finished>& finished = ran.finished;
  line.deadline_us = launch::end_of_last_words(finished ? finished->deadline_us : line.deadline_us);
  if (finished) ran.unsaid += warnings_text(finished->warnings, options);
  say(ran.unsaid, line.deadline_us);
  if (!finished) return refuse(std::move(ran.finished.error()), line, options);
  line.finished = &*finished;
  write_report_line(line, options.log_format);
  const int status = launch::exit_status_of(*finished);
  if (options.over) options.over(*finished);
  if (options.ended) {
    const launch::Words words = options.ended(status);
    (void)launch::write_last_words(words.fd, words.text, words.name, line.deadline_us);
  }
  return status;
}

}  // namespace kelp::verbs
