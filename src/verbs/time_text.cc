// SPDX-License-Identifier: Apache-2.0
// Now, as text.
#include "verbs/time_text.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace kelp::verbs {

std::string time_text(Digits digits) {
  timespec now{};
  (void)::clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  (void)::gmtime_r(&now.tv_sec, &parts);
  std::array<char, 64> text{};
  (void)std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d", parts.tm_year + 1900,
                      parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  std::string out = text.data();
  if (digits == Digits::kNanoseconds) {
    (void)std::snprintf(text.data(), text.size(), ".%09ld", now.tv_nsec);
    out += text.data();
  }
  return out + "Z";
}

}  // namespace kelp::verbs
