// SPDX-License-Identifier: Apache-2.0
// `kelp-oci`; see oci.h.
#include "verbs/oci.h"

#include "base/text.h"
#include "oci/arguments.h"
#include "verbs/oci_log.h"
#include "verbs/oci_verbs.h"
#include "verbs/print.h"

namespace kelp::verbs {
namespace {

constexpr int kFailed = 1;
constexpr int kExecFailed = 255;  // so that it is told from the command's own

struct Failed {
  std::string_view prefix;  // as runc has it
  int status;
};
Failed failure_of(oci::Verb verb) {
  switch (verb) {
    case oci::Verb::kCreate: return {.prefix = "create failed: ", .status = kFailed};
    case oci::Verb::kRun: return {.prefix = "run failed: ", .status = kFailed};
    case oci::Verb::kExec: return {.prefix = "exec failed: ", .status = kExecFailed};
    default: return {.prefix = {}, .status = kFailed};
  }
}

Result<int> perform(const OciCall& call) {
  switch (call.arguments.verb) {
    case oci::Verb::kCreate: return oci_create(call);
    case oci::Verb::kStart: return oci_start(call);
    case oci::Verb::kRun: return oci_run(call);
    case oci::Verb::kExec: return oci_exec(call);
    case oci::Verb::kState: return oci_state(call);
    case oci::Verb::kList: return oci_list(call);
    case oci::Verb::kKill: return oci_kill(call);
    case oci::Verb::kDelete: return oci_delete(call);
    case oci::Verb::kPs: return oci_ps(call);
    case oci::Verb::kPause: return oci_pause(call);
    case oci::Verb::kResume: return oci_resume(call);
    case oci::Verb::kUpdate: return oci_update(call);
    case oci::Verb::kEvents: return oci_events(call);
    case oci::Verb::kFeatures: return oci_features(call);
    case oci::Verb::kSpec: return oci_spec(call);
    case oci::Verb::kNone: break;
  }
  return oci::refusal(cat("there is no command ", name_of(call.arguments.verb)));
}

}  // namespace

int oci(std::span<const std::string> args) {
  const Result<oci::Arguments> arguments = oci::read_arguments(args);
  if (!arguments) {
    OciLog(oci::log_flags_of(args)).error(arguments.error());
    return kFailed;
  }
  if (arguments->version) return print_out(cat("kelp-oci version ", KELP_VERSION, "\nspec: 1.3.0\n"));
  if (arguments->help) return print_out(oci::help_text(arguments->verb));
  const OciLog log(*arguments);
  const Result<int> status = perform({.arguments = *arguments, .log = log});
  if (status) return *status;
  const Failed failed = failure_of(arguments->verb);
  log.error(status.error(), failed.prefix);
  return failed.status;
}

int refuse_as_oci(const Error& error) {
  OciLog(oci::Arguments()).error(error);
  return kFailed;
}

}  // namespace kelp::verbs
