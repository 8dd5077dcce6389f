// SPDX-License-Identifier: Apache-2.0
// A shared library that few starts need: loaded when one does, linked into none. Never unloaded, for the
// process ends soon. A kelp that is linked statically (KELP_STATIC) has no loader and refuses by name. Runs
// in: parent.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace kelp::sys {

class Library {
 public:
  // The first of the names that can be loaded.
  explicit Library(std::initializer_list<const char*> names);

  bool is_loaded() const { return handle_ != nullptr; }

  // False where the library has no such function.
  template <typename Function>
  bool find(const char* function, Function& slot) const {
    slot = reinterpret_cast<Function>(symbol(function));
    return slot != nullptr;
  }

 private:
  void* symbol(const char* function) const;

  void* handle_ = nullptr;
};

// Why a library is not loaded, as the reason of an error, and the remedy. `package`: its name on Debian.
std::string why_not_loaded(std::string_view library);
std::string how_to_load(std::string_view library, std::string_view package);

}  // namespace kelp::sys
