// SPDX-License-Identifier: Apache-2.0
// linux.readonlyPaths and linux.maskedPaths: the last of the mounts, so that they cover what the others made.
#include <utility>

#include "base/text.h"
#include "oci/sections.h"

namespace kelp::oci {
namespace {

template <typename Kind>
void read_list(const Section& linux, const char* key, std::vector<Mount>& mounts) {
  std::vector<std::string> paths = linux.texts(key);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (!paths[i].starts_with('/')) {
      linux.refuse(key, i, cat("'", paths[i], "' is not absolute"));
      continue;
    }
    mounts.push_back(
        {.what = Kind{.path = std::move(paths[i])}, .origin = {cat(linux.path_of(key), "[", i, "]")}});
  }
}

}  // namespace

void read_paths(const Section& linux, Draft& draft) {
  read_list<Protect>(linux, "readonlyPaths", draft.config.spec.mounts);
  read_list<Hide>(linux, "maskedPaths", draft.config.spec.mounts);
}

}  // namespace kelp::oci
