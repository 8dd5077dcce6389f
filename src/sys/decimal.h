// SPDX-License-Identifier: Apache-2.0
// A number that kelp itself wrote into an argument, up to what is no digit, read without any library. Runs
// in: both.
#pragma once

namespace kelp::sys {

inline int decimal(const char* text) {
  int number = 0;
  for (; *text >= '0' && *text <= '9'; ++text) number = number * 10 + (*text - '0');
  return number;
}

}  // namespace kelp::sys
