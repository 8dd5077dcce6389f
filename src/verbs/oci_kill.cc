// SPDX-License-Identifier: Apache-2.0
// `kelp-oci kill`: a signal to the container's first process, by its pidfd, or to all.
#include "base/text.h"
#include "verbs/oci_place.h"
#include "verbs/oci_processes.h"
#include "verbs/oci_verbs.h"

namespace kelp::verbs {

Result<int> oci_kill(const OciCall& call) {
  const oci::Arguments& arguments = call.arguments;
  const std::string word = arguments.words.empty() ? "TERM" : arguments.words[0];
  const std::optional<int> signal = oci::read_signal(word);
  if (!signal) return oci::refusal(cat("unknown signal \"", printable(word), "\""));
  const Result<Found> found = find_container(arguments);
  if (!found) return found.error();
  if (arguments.all) {
    if (Status s = signal_all(found->record, *signal); !s) return s.error();
    return 0;
  }
  const Result<sys::UniqueFd> process = state::open_process(found->record.init);
  if (!process) return process.error();
  if (!process->valid()) return not_running();
  const Result<bool> sent = state::signal_process(process->get(), *signal);
  if (!sent) return sent.error();
  if (!*sent) return not_running();
  return 0;
}

}  // namespace kelp::verbs
