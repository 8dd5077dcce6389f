// SPDX-License-Identifier: Apache-2.0
// The known word that was probably meant, by the distance of Damerau and Levenshtein.
#include "cli/nearest.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace kelp::cli {
namespace {

constexpr std::size_t kLongestWord = 40;  // longer ones are no slip, and would cost time

std::size_t distance(std::string_view a, std::string_view b) {
  // Three rows of the usual table: the one before the last is needed for swapped neighbours.
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, changed});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view typed, std::span<const std::string_view> known) {
  if (typed.size() < 2 || typed.size() > kLongestWord) return {};
  std::string_view best;
  std::size_t best_distance = typed.size() <= 4 ? 2 : 3;  // from here on it is another word
  for (const std::string_view word : known) {
    const std::size_t found = distance(typed, word);
    if (found < best_distance) {
      best = word;
      best_distance = found;
    }
  }
  if (!best.empty() || typed.size() < 3) return best;
  for (const std::string_view word : known) {
    if (word.starts_with(typed)) return word;
  }
  return {};
}

}  // namespace kelp::cli
