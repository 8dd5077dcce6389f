// SPDX-License-Identifier: Apache-2.0
// What all kinds of mounts have in common.
#include "spec/mounts.h"

namespace kelp {

const std::string& destination_of(const Mount& mount) {
  return std::visit(
      [](const auto& what) -> const std::string& {
        if constexpr (requires { what.to; }) {
          return what.to;
        } else {
          return what.path;
        }
      },
      mount.what);
}

bool is_root_path(std::string_view path) {
  return path.starts_with('/') && path.find_first_not_of("/.") == std::string_view::npos &&
         path.find("..") == std::string_view::npos;
}

}  // namespace kelp
