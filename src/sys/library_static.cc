// SPDX-License-Identifier: Apache-2.0
// The libraries of a kelp that is linked statically: none; see library.h. What it would load might need
// another C library than the one linked in.
// Runs in: parent.
#include "base/text.h"
#include "sys/library.h"

namespace kelp::sys {

Library::Library(std::initializer_list<const char*> /*names*/) {}

void* Library::symbol(const char* /*function*/) const { return nullptr; }

std::string why_not_loaded(std::string_view library) {
  return cat("this kelp is linked statically and loads no library, so not ", library);
}

std::string how_to_load(std::string_view /*library*/, std::string_view /*package*/) {
  return "use a kelp that was built without KELP_STATIC";
}

}  // namespace kelp::sys
