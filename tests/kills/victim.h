// SPDX-License-Identifier: Apache-2.0
// A start that is to be ended at a random moment, and what must be true afterwards.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>

#include "faults/left_behind.h"
#include "harness/harness.h"

namespace kelp::kills {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

/// Random moments of a start: uniformly from its beginning to half its length after its end. The seed is
/// printed; KELP_TEST_SEED repeats a run.
class Moments {
 public:
  Moments();
  void set_length(microseconds start) { start_ = start; }
  microseconds next();
  unsigned seed() const { return seed_; }

 private:
  unsigned seed_;
  std::mt19937 random_;
  microseconds start_{0};
};

class Victim {
 public:
  /// A root with every mount point (or with none), and the options of a full line besides the given ones.
  enum class MountPoints { kMade, kMissing };
  explicit Victim(const harness::Argv& options, MountPoints mount_points = MountPoints::kMade);

  /// The line: the command says "up" and would run for a minute.
  harness::Argv line() const;

  /// How long it takes until the command says so.
  microseconds length() const;

  /// No process (within a second), mount or file of it is left.
  testing::AssertionResult is_gone() const;

  const std::string& root() const { return root_; }
  const std::string& place() const { return place_.path(); }
  const std::string& before() const { return before_; }

 private:
  harness::TempDir place_;
  faults::OwnDirectories own_{place_};
  std::string root_;
  harness::Argv options_;
  std::string before_;
};

/// Starts a line whose container may outlive it, and ends it (not the container) by SIGKILL that much later.
void end_after(const harness::Argv& line, microseconds delay);

/// Lets the time pass exactly, as far as the scheduler wants.
void sleep_until(Clock::time_point when);

}  // namespace kelp::kills
