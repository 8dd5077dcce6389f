// SPDX-License-Identifier: Apache-2.0
// What may become of a start in which one system call failed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tracer.h"

namespace kelp::faults {

/// The errno that a call may really give.
int plausible_errno(const std::string& name);

/// An errno after which the call has to be made again, or another way be found, and the container be as ever;
/// 0: there is none.
int errno_to_survive(const std::string& name);

enum class End {
  kRefused,    ///< status 125 to 127 with a sentence, nothing left
  kUnchanged,  ///< or else the container is, to the last line of what it shows, the one of an undisturbed
               ///< start
};

struct Expectation {
  End end = End::kRefused;
  const char* why = "";
};

/// The default is kRefused; the table says what may end otherwise, and why.
Expectation expected(const Call& call);

/// A call whose failure the kernel rules out for the arguments that kelp gives, and which answers nothing
/// that a failure could be told from: not disturbed.
bool cannot_fail(const std::string& name);

}  // namespace kelp::faults
