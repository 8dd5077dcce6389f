// SPDX-License-Identifier: Apache-2.0
// Subordinate ids by shadow's libsubid; see libsubid.h.
// Runs in: parent.
#include "host/libsubid.h"

#include <cstdlib>
#include <memory>
#include <string>

#include "base/text.h"
#include "sys/library.h"

namespace kelp::host {
namespace {

// shadow/subid.h, which need not be installed where kelp is built.
struct SubidRange {
  unsigned long start;
  unsigned long count;
};
using GetRanges = int (*)(const char* owner, SubidRange** ranges);

RangeList ranges_of(const sys::Library& library, const char* function, const RangeOwner& owner) {
  RangeList list;
  GetRanges get = nullptr;
  if (!library.find(function, get)) {
    list.warnings.push_back(cat("libsubid has no ", function, ": no range is taken from it"));
    return list;
  }
  SubidRange* found = nullptr;
  const int count = get(owner.name.c_str(), &found);
  const std::unique_ptr<SubidRange, void (*)(void*)> owned(found, std::free);
  for (int i = 0; i < count && list.ranges.size() < kMostRanges; ++i) {
    if (!is_valid(found[i].start, found[i].count)) {
      list.warnings.push_back(cat("libsubid tells an impossible range for ", owner.name, ": skipped"));
      continue;
    }
    append_new(list.ranges, {.first = static_cast<std::uint32_t>(found[i].start),
                             .count = static_cast<std::uint32_t>(found[i].count)});
  }
  return list;
}

}  // namespace

bool names_other_subid_source(std::string_view nsswitch) {
  for (const std::string_view line : split(nsswitch, '\n')) {
    const std::string_view text = trimmed(line.substr(0, line.find('#')));
    if (!text.starts_with("subid:")) continue;
    const std::string_view source = trimmed(text.substr(6));
    return !source.empty() && source != "files";
  }
  return false;
}

SubordinateIds ranges_by_libsubid(const RangeOwner& owner) {
  // 4 came with shadow 4.10; 3 had other names and lived for one release.
  const sys::Library library{"libsubid.so.5", "libsubid.so.4", "libsubid.so"};
  if (!library.is_loaded()) {
    return {.users = {.ranges = {},
                      .warnings = {cat("/etc/nsswitch.conf has a `subid:` line, but ",
                                       sys::why_not_loaded("libsubid"), ": no subordinate ids are known")}},
            .groups = {}};
  }
  return {.users = ranges_of(library, "subid_get_uid_ranges", owner),
          .groups = ranges_of(library, "subid_get_gid_ranges", owner)};
}

}  // namespace kelp::host
