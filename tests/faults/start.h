// SPDX-License-Identifier: Apache-2.0
// The start that is disturbed: a full line of kelp run on a root of its own, what is left of it afterwards,
// and how a refusal has to read.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <termios.h>

#include <optional>
#include <string>
#include <vector>

#include "harness/cgroup.h"
#include "harness/harness.h"
#include "left_behind.h"
#include "tracer.h"

namespace kelp::faults {

/// What a start has besides the usual.
struct Scene {
  std::string name = {};
  harness::Argv options = {};
  std::string root = {};  ///< the word for ROOT, with the command at a place of its own; empty: a directory
  bool has_hosts_network = false;  ///< with its resolv.conf and hosts
  bool has_terminal = false;       ///< stdin is one, in the foreground
  bool has_cgroup = false;         ///< for root alone
};

/// A terminal, the controlling one of this process and of what it starts where this process leads a session
/// (the runner's cases do), with its settings to be restored.
class CallersTerminal {
 public:
  CallersTerminal();
  ~CallersTerminal();
  CallersTerminal(const CallersTerminal&) = delete;
  CallersTerminal& operator=(const CallersTerminal&) = delete;

  int fd() const { return slave_fd_; }
  bool is_restored() const;

 private:
  int master_fd_ = -1, slave_fd_ = -1;
  termios before_{};
};

class Start {
 public:
  explicit Start(const Scene& scene = {});

  Traced run(const std::optional<Fault>& fault = {}) const;

  /// Nothing left behind: no process, mount, cgroup, file or directory.
  testing::AssertionResult is_clean() const;

  const std::string& root() const { return root_; }

 private:
  harness::TempDir place_;
  OwnDirectories own_{place_};
  std::optional<CallersTerminal> terminal_;
  std::optional<harness::OwnCgroup> cgroup_;
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
