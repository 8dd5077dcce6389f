// SPDX-License-Identifier: Apache-2.0
// dlopen(3); see library.h.
// Runs in: parent.
#include <dlfcn.h>

#include "base/text.h"
#include "sys/library.h"

namespace kelp::sys {

Library::Library(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    handle_ = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (handle_ != nullptr) return;
  }
}

void* Library::symbol(const char* function) const { return ::dlsym(handle_, function); }

std::string why_not_loaded(std::string_view library) { return cat(library, " is not installed"); }

std::string how_to_load(std::string_view library, std::string_view package) {
  return cat("install ", library, " (", package, " on Debian)");
}

}  // namespace kelp::sys
