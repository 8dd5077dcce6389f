// SPDX-License-Identifier: Apache-2.0
// A failed system call becomes an Error here: verb, object, and what errno means.
// Runs in: both.
#pragma once

#include <cerrno>
#include <string>

#include "base/error.h"

namespace kelp::sys {

// The kernel's reason in English, independent of the locale (nothing is loaded for it).
std::string reason_of(int code);

// True for an errno that says nothing about the object: there was no memory, descriptor or disk to ask.
bool is_shortage(int code);

// Error for a call that has just failed: failure(cat("open ", path)).
Error failure(std::string action, int code = errno);

// A call that was answered with success and not done: by a filter around us that emulates root. To go on
// would be to hold rights, or to be somebody, that the command is said not to be.
Error only_pretended(std::string action);

}  // namespace kelp::sys
