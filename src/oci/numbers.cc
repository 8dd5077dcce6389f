// SPDX-License-Identifier: Apache-2.0
// Lists of processors; see numbers.h.
#include "oci/numbers.h"

#include <algorithm>

#include "base/text.h"

namespace kelp::oci {

std::optional<CpuSet> read_numbers(std::string_view text, std::uint32_t most) {
  CpuSet numbers;
  if (trimmed(text).empty()) return numbers;
  for (const std::string_view part : split(text, ',')) {
    const std::size_t dash = part.find('-');
    const auto first = read_decimal(trimmed(part.substr(0, dash)), most);
    const auto last =
        dash == std::string_view::npos ? first : read_decimal(trimmed(part.substr(dash + 1)), most);
    if (!first || !last || *first > *last) return std::nullopt;
    for (std::uint64_t number = *first; number <= *last; ++number)
      numbers.push_back(static_cast<std::uint32_t>(number));
    // A list that says the same again and again must not grow without end.
    if (numbers.size() > std::size_t{4} * (most + 1)) return std::nullopt;
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

}  // namespace kelp::oci
