// SPDX-License-Identifier: Apache-2.0
// Shorthand of tests that look at a container from inside: `inside("ls /", {"--read-only"})`.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "harness/harness.h"

namespace kelp::harness {

/// kelp run OPTIONS ROOT COMMAND...
inline Outcome run_in(const std::string& root, const Argv& options, const Argv& command) {
  Argv words = {"run"};
  words.insert(words.end(), options.begin(), options.end());
  words.push_back(root);
  words.insert(words.end(), command.begin(), command.end());
  return kelp(std::move(words));
}

/// The script in a container on a small root.
inline Outcome inside(const std::string& script, const Argv& options = {},
                      const std::string& root = small_root()) {
  return run_in(root, options, {"sh", "-c", script});
}

/// The script on the host, as a user who has a mount namespace of its own and may mount in it. "$kelp" is
/// kelp.
inline Outcome with_mounts(const std::string& script, const Argv& arguments = {}) {
  Argv words = {"unshare", "-Urm",       "--propagation", "private", "sh", "-ec", "kelp=$1; shift; " + script,
                "sh",      kelp_binary()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run(words);
}

/// A payload's path on the host, and the option that shares it as /payload.
inline std::string payload(const std::string& name) {
  return std::filesystem::path(kelp_binary()).parent_path() / ("kelp-payload-" + name);
}
inline Argv share_payload(const std::string& name, Argv options = {}) {
  options.insert(options.end(), {"-v", payload(name) + ":/payload:ro"});
  return options;
}

/// The names in a directory, sorted.
inline std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

MATCHER(Works, "") {
  (void)result_listener;
  return arg.status == 0;
}
MATCHER(CannotStart, "is refused by kelp with one sentence and status 125") {
  (void)result_listener;
  return arg.status == 125 && arg.err.starts_with("kelp: cannot ");
}

}  // namespace kelp::harness
