// SPDX-License-Identifier: Apache-2.0
// See oom.h.
// Runs in: child.
#include "sys/oom.h"

#include <sys/prctl.h>

#include <cerrno>
#include <string>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::sys {

Status set_oom_score(int score) {
  const std::string text = std::to_string(score);
  const char* const file = "/proc/self/oom_score_adj";
  Status done = write_file(file, text);
  // The files of a hidden process are those of the machine's root, and ours only for this moment.
  if (!done && done.error().code() == EACCES && ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0) {
    if (::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) return failure("become dumpable");
    done = write_file(file, text);
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failure("become non-dumpable");
  }
  if (done) return {};
  return failure(cat("set the out-of-memory score ", text), done.error().code());
}

}  // namespace kelp::sys
