// SPDX-License-Identifier: Apache-2.0
// Shorthand of tests of `kelp bwrap`: `in_empty("ls /", {"--dev", "/dev"})`.
#pragma once

#include <string>
#include <utility>

#include "harness/harness.h"

namespace kelp::harness {

/// kelp bwrap OPTIONS COMMAND...
inline Outcome bwrap(const Argv& options, const Argv& command, RunOptions run_options = {}) {
  Argv words = {kelp_binary(), "bwrap"};
  words.insert(words.end(), options.begin(), options.end());
  words.insert(words.end(), command.begin(), command.end());
  return run(words, std::move(run_options));
}

/// The script in a sandbox whose root is an empty tmpfs with busybox in it.
inline Outcome in_empty(const std::string& script, const Argv& options = {}) {
  Argv words = {"--ro-bind", small_root() + "/bin", "/bin"};
  words.insert(words.end(), options.begin(), options.end());
  return bwrap(words, {"/bin/sh", "-c", script});
}

/// A shell script on the host, in which "$kelp" is kelp and "$root" a small root: for descriptors.
inline Outcome on_host(const std::string& script) {
  return run({"sh", "-c", "kelp=$1 root=$2; " + script, "sh", kelp_binary(), small_root()});
}

}  // namespace kelp::harness
