// SPDX-License-Identifier: Apache-2.0
// The ways out of a rung: the payload "waysout" tries them, beside a victim of the same user.
#pragma once

#include <algorithm>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "e2e/container.h"

namespace kelp::harness {

/// Runs a script that finds kelp as "$kelp"; the directory is writable at its own path.
using Place = std::function<Outcome(const std::string& shared, const std::string& script)>;

/// What got out. The attempt finds "$pid", "$victims" and "$try", the words of the attempt, and ./root, a
/// small root that has it as /waysout.
inline std::vector<std::string> ways_out(const Place& place, const std::string& attempt) {
  const TempDir shared;
  const std::string root = make_small_root(shared);
  std::filesystem::copy_file(payload("waysout"), root + "/waysout");
  const Outcome outcome = place(
      shared.path(), "try=" + payload("waysout") +
                         "; victims=$PWD/victims; mkdir victims; mkfifo fifo; exec 9<>fifo; $try victim "
                         "\"$victims\" >&9 & pid=$!; read ready <&9; " +
                         attempt + "; status=$?; kill -9 $pid; exit $status");
  EXPECT_EQ(outcome.status, 0) << testing::PrintToString(outcome);
  EXPECT_GT(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 20) << testing::PrintToString(outcome);
  std::vector<std::string> out;
  std::istringstream text(outcome.out);
  for (std::string line; std::getline(text, line);) {
    if (line.ends_with(": yes")) out.push_back(line.substr(0, line.size() - 5));
  }
  return out;
}

}  // namespace kelp::harness
