// SPDX-License-Identifier: Apache-2.0
// The names of the rungs.
#include "spec/ladder.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/text.h"

namespace kelp {
namespace {

// In the order of the enum.
constexpr auto kNames = std::to_array<std::string_view>({"full", "outer-proc", "chroot", "landlock"});
static_assert(kNames.size() == kRungs);

}  // namespace

std::string_view rung_name(Rung rung) { return kNames.at(static_cast<std::size_t>(rung)); }

std::optional<Rung> read_rung(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Rung>(found - kNames.begin());
}

std::string rung_names() {
  std::string out;
  for (const std::string_view name : kNames) out += cat(out.empty() ? "" : " ", name);
  return out;
}

std::string rung_title(Rung rung) {
  return cat(rung_name(rung), " (rung ", static_cast<int>(rung) + 1, " of ", kRungs, ")");
}

}  // namespace kelp
