// SPDX-License-Identifier: Apache-2.0
// process.rlimits (getrlimit(2)).
#include <algorithm>

#include "base/text.h"
#include "oci/process.h"

namespace kelp::oci {

void read_limits(const Section& process, Command& command) {
  for (const Section& limit : process.objects("rlimits")) {
    const std::string type = limit.needed_text("type");
    ResourceLimit read = {.resource = -1,
                          .soft = limit.needed_number("soft", UINT64_MAX),
                          .hard = limit.needed_number("hard", UINT64_MAX),
                          .origin = {limit.path()}};
    if (type.empty()) continue;
    if (type.starts_with("RLIMIT_")) read.resource = read_limit_name(type).value_or(-1);
    if (read.resource < 0) {
      limit.refuse("type", cat("'", type, "' is no resource limit"));
      continue;
    }
    const auto is_same = [&](const ResourceLimit& other) { return other.resource == read.resource; };
    if (std::any_of(command.limits.begin(), command.limits.end(), is_same))
      limit.refuse("type", cat(type, " comes twice"));
    command.limits.push_back(read);
  }
}

}  // namespace kelp::oci
