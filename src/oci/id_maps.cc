// SPDX-License-Identifier: Apache-2.0
// Id maps; see id_maps.h.
#include "oci/id_maps.h"

#include "base/text.h"

namespace kelp::oci {
namespace {

IdMap map_of(const Section& section, const char* key) {
  IdMap map;
  for (const Section& range : section.objects(key)) {
    map.push_back({.inside = static_cast<Id>(range.needed_number("containerID", kMaxId)),
                   .host = static_cast<Id>(range.needed_number("hostID", kMaxId)),
                   .count = static_cast<Id>(range.needed_number("size", UINT32_MAX))});
  }
  return map;
}

}  // namespace

std::optional<ExplicitIds> id_maps_of(const Section& section, const char* users, const char* groups) {
  ExplicitIds maps = {.users = map_of(section, users), .groups = map_of(section, groups)};
  if (maps.users.empty() && maps.groups.empty()) return std::nullopt;
  if (maps.users.empty()) section.refuse(users, cat("it is missing beside ", groups));
  if (maps.groups.empty()) section.refuse(groups, cat("it is missing beside ", users));
  return maps;
}

}  // namespace kelp::oci
