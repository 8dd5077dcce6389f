// SPDX-License-Identifier: Apache-2.0
// bubblewrap's command line → Spec. Nothing here touches the kernel: what must be known comes with
// Surroundings.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "spec/spec.h"

namespace kelp::bwrap {

// The release whose options and texts these are.
inline constexpr char kVersion[] = "0.12.0";

struct Surroundings {
  Id user = 0;  // the caller, as its own user namespace has it
  Id group = 0;
  CapabilityMask capabilities = 0;  // that it has
  std::vector<std::string> environment;
  std::string working_directory;  // absolute; empty: none
  std::string terminal;           // the path of the terminal that stdout is; empty: it is none
  std::function<Result<std::string>(int)> read_fd;  // all that an inherited descriptor yields
  std::function<bool(int)> is_open;                 // whether there is such a descriptor
};

struct Request {
  enum class Wish { kStart, kTellHelp, kTellVersion };
  Wish wish = Wish::kStart;
  Spec spec;
  bool level_prefix = false;          // "<3>" and the like before what is said
  std::optional<int> info_fd;         // gets one object when the child is there
  std::optional<int> status_fd;       // gets a line then, and one with the exit status
  std::vector<int> consumed_fds;      // the command does not get them
  std::vector<std::string> warnings;  // in bubblewrap's words
};

// What was understood until a refusal is valid too: how to say it.
struct Reading {
  Request request;
  std::optional<Error> refusal;  // its action is the whole sentence; empty: the usage
};
Reading read(std::span<const std::string> args, const Surroundings& around);

std::string usage();
// "--bind" and all others, in the order of the usage.
std::vector<std::string_view> option_names();

}  // namespace kelp::bwrap
