// SPDX-License-Identifier: Apache-2.0
// The start that is disturbed: a full line of kelp run on a root of its own, what is left of it afterwards,
// and how a refusal has to read.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "harness/harness.h"
#include "left_behind.h"
#include "tracer.h"

namespace kelp::faults {

class Start {
 public:
  /// What the kelp line has besides the usual.
  explicit Start(harness::Argv extra = {});

  Traced run(const std::optional<Fault>& fault = {}) const;

  /// Nothing left behind: no process, mount, file or directory.
  testing::AssertionResult is_clean() const;

  const std::string& root() const { return root_; }

 private:
  harness::TempDir place_;
  OwnDirectories own_{place_};
  std::string root_;
  harness::Argv argv_;
  std::string before_;
};

/// Refused as the manual says: status 125 (126 and 127 for the exec alone), one line `kelp: cannot VERB
/// OBJECT: REASON` and perhaps a hint. What is on stdout is not looked at.
testing::AssertionResult is_refusal(const harness::Outcome& outcome);

/// "child: openat, the 3rd".
std::string describe(const Fault& fault);

}  // namespace kelp::faults

/// For tests that trace. A sanitizer's runtime makes system calls of its own, and cannot look for leaks under
/// ptrace.
#ifdef __SANITIZE_ADDRESS__
#define KELP_FAULTS_NEED_PTRACE() GTEST_SKIP() << "\nnot for this identity: kelp is built with a sanitizer"
#else
#define KELP_FAULTS_NEED_PTRACE() KELP_REQUIRE(::kelp::faults::can_trace(), "ptrace is not allowed here")
#endif
