// SPDX-License-Identifier: Apache-2.0
// `kelp run` read in one expression: what flags make of the Spec, or the sentence of the refusal.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/text.h"
#include "cli/run.h"

namespace kelp::cli {

using Words = std::vector<std::string>;

inline Surroundings around() {
  return {.environment = {"SHELL=/bin/zsh", "TERM=xterm", "LC_ALL=C", "LC_TIME=de", "SECRET=1"},
          .has_terminal = true,
          .working_directory = "/project",
          .read_file = [](const std::string& path) -> Result<std::string> {
            if (path == "vars") return std::string("A=file\nB=file\n");
            return Error(cat("open ", path), "No such file or directory");
          }};
}

inline Result<RunRequest> read(Words args) { return read_run(args, around()); }

// The Spec of flags on a directory.
inline Spec spec(Words flags) {
  flags.insert(flags.end(), {"./root", "true"});
  Result<RunRequest> request = read(flags);
  EXPECT_TRUE(request) << (request ? "" : request.error().sentence());
  return request ? request->spec : Spec{};
}

inline std::string refusal(Words args) {
  const Result<RunRequest> request = read(std::move(args));
  return request ? "" : request.error().sentence();
}
inline std::string refusal_of(Words flags) {
  flags.insert(flags.end(), {"./root", "true"});
  return refusal(std::move(flags));
}
inline std::string hint(Words args) { return read(std::move(args)).error().hint(); }

template <typename Kind>
bool has_mount(const Spec& spec) {
  return std::any_of(spec.mounts.begin(), spec.mounts.end(),
                     [](const Mount& mount) { return std::holds_alternative<Kind>(mount.what); });
}

}  // namespace kelp::cli
