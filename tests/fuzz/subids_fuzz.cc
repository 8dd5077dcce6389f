// SPDX-License-Identifier: Apache-2.0
// Any bytes as /etc/subuid, /etc/passwd, an id map or mountinfo: the readers neither crash nor give ranges
// that overlap or leave the 32 bits.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "host/accounts.h"
#include "host/id_facts.h"
#include "host/libsubid.h"
#include "host/memory.h"
#include "host/mountinfo.h"
#include "host/subids.h"

namespace {

using kelp::host::Ranges;

void require(bool holds) {
  if (!holds) std::abort();
}

void require_sound(const Ranges& ranges) {
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    require(kelp::host::is_valid(ranges[i].first, ranges[i].count));
    for (std::size_t j = 0; j < i; ++j) require(kelp::host::within({ranges[i]}, {ranges[j]}).empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const kelp::host::RangeList list =
      kelp::host::read_ranges(text, "/etc/subuid", {.name = "alice", .uid = 1000});
  require(list.ranges.size() <= kelp::host::kMostRanges && list.warnings.size() <= 4);
  require_sound(list.ranges);
  require_sound(kelp::host::read_id_map(text));
  (void)kelp::host::read_account(text, 1000);
  (void)kelp::host::names_other_subid_source(text);
  (void)kelp::host::memory_limit_files(text);
  (void)kelp::host::read_memory_limit(text);
  (void)kelp::host::masks_below(kelp::host::read_mountinfo(text), "/proc");
  return 0;
}
