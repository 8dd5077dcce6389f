// SPDX-License-Identifier: Apache-2.0
// What the flags of `kelp run` about namespaces, clocks and capabilities do.
#include <utility>

#include "base/text.h"
#include "cli/draft.h"
#include "cli/values.h"

namespace kelp::cli {
namespace {

Status apply_namespace(Draft& draft, std::string_view name, const std::string& typed, Wanted wanted) {
  const auto kind = read_namespace(name);
  if (!kind) {
    return Error(cat("read ", typed),
                 cat("'", name, "' is no namespace (pid, ipc, uts, cgroup, network, time)"));
  }
  if (wanted == Wanted::kShared && (*kind == Namespace::kUser || *kind == Namespace::kMount)) {
    return Error(cat("use ", typed),
                 cat("without a ", namespace_name(*kind), " namespace of its own a container needs root"));
  }
  (wanted == Wanted::kNew ? draft.unshared : draft.shared).push_back({*kind, typed});
  return {};
}

}  // namespace

Status apply_namespaces(Draft& draft, const Given& given, Wanted wanted) {
  for (const std::string_view name : split(*given.value, ',')) {
    if (Status s = apply_namespace(draft, name, given.typed, wanted); !s) return s;
  }
  return {};
}

Status apply_time_offset(Draft& draft, const Given& given) {
  TimeOffsets offsets = draft.request.spec.time_offsets.value_or(TimeOffsets{});
  for (const std::string_view part : split(*given.value, ',')) {
    const std::size_t equals = part.find('=');
    const std::string_view clock = part.substr(0, equals);
    if (equals == std::string_view::npos || (clock != "monotonic" && clock != "boottime")) {
      return Error(cat("read ", given.typed),
                   cat("'", part, "' is neither monotonic=SECONDS nor boottime=SECONDS"));
    }
    const auto seconds = read_signed(part.substr(equals + 1));
    if (!seconds) {
      return Error(cat("read ", given.typed), cat("'", part.substr(equals + 1), "' is no number of seconds"));
    }
    (clock == "monotonic" ? offsets.monotonic_s : offsets.boottime_s) = *seconds;
  }
  draft.request.spec.time_offsets = offsets;
  draft.unshared.push_back({Namespace::kTime, given.typed});
  return {};
}

Status apply_capabilities(const Given& given, std::vector<Said<CapabilityMask>>& list) {
  for (const std::string_view name : split(*given.value, ',')) {
    const auto mask = read_capability(name);
    if (!mask)
      return Error(cat("read ", given.typed), cat("'", name, "' is no capability (capabilities(7))"));
    list.push_back({*mask, given.typed});
  }
  return {};
}

}  // namespace kelp::cli
