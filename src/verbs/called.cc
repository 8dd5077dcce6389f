// SPDX-License-Identifier: Apache-2.0
// See called.h.
#include "verbs/called.h"

#include <fcntl.h>

#include <string>

#include "base/result.h"
#include "sys/files.h"

namespace kelp::verbs {
namespace {

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

bool is_called(const char* argv0, std::string_view name) {
  const std::string_view word = base_name(argv0 != nullptr ? argv0 : "");
  if (word == name) return true;
  if (word == "kelp") return false;
  const Result<std::string> program = sys::read_link(AT_FDCWD, "/proc/self/exe");
  return program && base_name(*program) == name;
}

}  // namespace kelp::verbs
