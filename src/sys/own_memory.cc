// SPDX-License-Identifier: Apache-2.0
// See own_memory.h. The strings of argv and environ lie one behind the other at the top of the first stack.
// Runs in: both.
#include "sys/own_memory.h"

#include <unistd.h>

#include <cstring>

namespace kelp::sys {
namespace {

char* g_begin = nullptr;
char* g_end = nullptr;

// Extends the area over the strings that follow it without a gap.
void cover(char** strings) noexcept {
  for (; *strings != nullptr; ++strings) {
    if (g_begin == nullptr) g_begin = g_end = *strings;
    if (*strings == g_end) g_end = *strings + std::strlen(*strings) + 1;
  }
}

}  // namespace

void remember_command_line(char** argv) noexcept {
  cover(argv);
  cover(environ);
}

void forget_command_line() noexcept {
  if (g_begin != nullptr) ::explicit_bzero(g_begin, static_cast<std::size_t>(g_end - g_begin));
}

}  // namespace kelp::sys
