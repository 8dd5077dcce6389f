// SPDX-License-Identifier: Apache-2.0
// Now, as text.
#pragma once

#include <string>

namespace kelp::verbs {

// "2026-01-02T03:04:05Z", with nine more digits where they are wanted.
enum class Digits { kSeconds, kNanoseconds };
std::string time_text(Digits digits);

}  // namespace kelp::verbs
