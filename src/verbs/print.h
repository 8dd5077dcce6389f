// SPDX-License-Identifier: Apache-2.0
// What kelp says on stderr: errors, hints, warnings; as text or, with --log-format=json, one object a line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"

namespace kelp::verbs {

enum class LogFormat { kText, kJson };

// `deadline_us` is until when a reader is waited for, as write_last_words() of launch/last_words.h has it.
//
// Prints the error (all of them, where several were found) and gives its exit status.
int print_error(const Error& error, LogFormat format = LogFormat::kText,
                std::optional<std::uint64_t> deadline_us = {});
void print_warning(const std::string& text, LogFormat format = LogFormat::kText,
                   std::optional<std::uint64_t> deadline_us = {});
// What print_warning() prints.
std::string warning_line(const std::string& text, LogFormat format);
// Text that has its form already.
void say(const std::string& text, std::optional<std::uint64_t> deadline_us = {});

// Writes text to stdout; a closed or full stdout is an error (status 125) and not ignored.
int print_out(const std::string& text);

}  // namespace kelp::verbs
