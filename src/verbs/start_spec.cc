// SPDX-License-Identifier: Apache-2.0
// From a Spec to an exit status; see start_spec.h.
#include "verbs/start_spec.h"

#include <nlohmann/json.hpp>
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
#include "plan/describe.h"
#include "verbs/report_line.h"
#include "verbs/seccomp_profiles.h"

namespace kelp::verbs {
namespace {

std::string plan_as_text(const plan::Plan& plan) {
  std::string out;
  std::size_t number = 0;
  for (const plan::Sentence& sentence : plan::describe(plan)) {
    out += printable(cat(++number, ". ", sentence.what, "  [", sentence.origin, "]")) + "\n";
  }
  if (plan.rung != Rung::kFull)
    out += printable(cat("rung: ", rung_title(plan.rung), ", ", plan.rung_because)) + "\n";
  for (const std::string& line : plan::policy_lines(plan.policy)) out += printable(line) + "\n";
  return out;
}

std::string_view word(plan::Enforcement enforcement) {
  switch (enforcement) {
    case plan::Enforcement::kEnforced: return "yes";
    case plan::Enforcement::kPartly: return "partly";
    case plan::Enforcement::kNot: return "no";
  }
  return "no";
}

nlohmann::ordered_json policy_as_json(const plan::Policy& policy) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const plan::PolicyItem& item : policy) {
    nlohmann::ordered_json entry = {{"what", printable(item.what)}, {"enforced", word(item.enforcement)}};
    if (!item.why.empty()) entry["why"] = printable(item.why);
    if (item.fence) entry["fence"] = fence_name(*item.fence);
    list.push_back(std::move(entry));
  }
  return list;
}

std::vector<std::string> gaps_of(const plan::Policy& policy) {
  std::vector<std::string> out = plan::not_enforced(policy);
  for (std::string& text : out) text = printable(text);
  return out;
}

std::string plan_as_json(const plan::Plan& plan) {
  nlohmann::ordered_json steps = nlohmann::ordered_json::array();
  for (const plan::Sentence& sentence : plan::describe(plan)) {
    steps.push_back({{"step", printable(sentence.what)}, {"origin", printable(sentence.origin)}});
  }
  nlohmann::ordered_json object = {{"version", 1},
                                   {"steps", std::move(steps)},
                                   {"rung", rung_name(plan.rung)},
                                   {"policy", policy_as_json(plan.policy)},
                                   {"not_enforced", gaps_of(plan.policy)}};
  return object.dump(2) + "\n";
}

std::string plan_text(const plan::Plan& plan, const StartOptions& options) {
  return options.json ? plan_as_json(plan) : plan_as_text(plan);
}

// The mount points that were made in the root; as JSON an object of its own after the plan's.
std::string made_text(const std::vector<std::string>& made, const StartOptions& options) {
  std::string out;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const std::string& path : made) {
    out += cat("made the mount point ", printable(path), " in the root\n");
    list.push_back(printable(path));
  }
  if (!options.json) return out;
  return nlohmann::ordered_json({{"version", 1}, {"made", std::move(list)}}).dump(2) + "\n";
}

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
  if (options.explain) text += plan_text(plan, options);
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
  Result<launch::Running> running = launch::start(plan, options.at_birth);
  if (!running) return {.finished = running.error(), .unsaid = {}};
  line.setup_us = running->setup_us;
  line.proc = running->proc;
  std::string text = warnings_text(running->warnings, options);
  if (options.explain && !running->made.empty()) text += made_text(running->made, options);
  // The command runs: nobody who does not read may keep kelp from its signals, its terminal and its end.
  std::string unsaid(launch::write_while_taken(STDERR_FILENO, text, "stderr"));
  return {.finished = launch::wait(plan, std::move(*running)), .unsaid = std::move(unsaid)};
}

}  // namespace

int start_spec(Spec spec, const StartOptions& options) {
  ReportLine line;
  if (spec.report_fd > STDERR_FILENO) line.fd = spec.report_fd;  // others are refused
  Result<plan::Plan> plan = make_plan(std::move(spec));
  if (!plan) return refuse(std::move(plan.error()), line, options);
  if (options.dry_run) {
    say(warnings_text(plan->warnings, options));
    return print_out(plan_text(*plan, options));
  }
  plan->tells_made_mount_points = options.explain && plan->root_is_lasting;
  line.rung = plan->rung;
  line.not_enforced = gaps_of(plan->policy);
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
  if (options.ended) {
    const launch::Words words = options.ended(status);
    (void)launch::write_last_words(words.fd, words.text, words.name, line.deadline_us);
  }
  return status;
}

}  // namespace kelp::verbs
