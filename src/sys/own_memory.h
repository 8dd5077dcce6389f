// SPDX-License-Identifier: Apache-2.0
// The copy of kelp's own command line and environment that a never-exec'd PID 1 would show in
// /proc/1/cmdline, which is readable for everybody inside, and in /proc/1/environ. Runs in: both.
#pragma once

namespace kelp::sys {

// Called once by main: argv as main gets it. The kernel puts the environment behind it (execve(2)).
void remember_command_line(char** argv) noexcept;

// Overwrites both with zeros in this process; argv and environ are not to be used any more.
void forget_command_line() noexcept;

}  // namespace kelp::sys
