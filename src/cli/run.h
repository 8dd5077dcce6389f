// SPDX-License-Identifier: Apache-2.0
// The command line of `kelp run`.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/flags.h"
#include "cli/surroundings.h"
#include "spec/spec.h"

namespace kelp::cli {

enum class LogFormat { kText, kJson };

struct RunRequest {
  Spec spec;
  bool explain = false;  // print the plan on stderr, then start
  bool dry_run = false;  // print the plan on stdout, do not start
  bool json = false;     // the plan as JSON
  bool detach = false;   // it runs on behind kelp's back, held by a kelp of its own
  std::string name;      // of a container that others can enter; empty: none was given
  bool remove = false;   // what is remembered of it goes with it
  LogFormat log_format = LogFormat::kText;
  bool help = false;  // then nothing else is filled

  bool stays() const { return detach || !name.empty(); }
};

// [a-z0-9][a-z0-9_.-]*, 64 at most.
bool is_container_name(std::string_view text);

std::span<const FlagInfo> run_flags();
std::string run_help();

// args: what follows `run`. Reads nothing but what `around` hands it.
Result<RunRequest> read_run(std::span<const std::string> args, const Surroundings& around);

// What --log-format says, also in a command line that cannot be read otherwise: its refusal is to be printed
// so.
LogFormat log_format_of(std::span<const std::string> args);
// The descriptor of --report, likewise; -1: none that a line can be written to.
int report_fd_of(std::span<const std::string> args);

}  // namespace kelp::cli
