// SPDX-License-Identifier: Apache-2.0
// What every shape of the report needs: a contender of a row reduced to its numbers, and numbers as text.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "rounds.h"

namespace kelp::bench {

// A contender of a row, reduced to what is printed.
struct Line {
  std::string name;
  std::string problem;
  std::size_t runs = 0;
  double ms = 0;
  double deviation = 0;
  std::array<std::optional<double>, 2> ratios;  // to the row's references
};

std::vector<Line> lines_of(const RowResult& row);

// "newuidmap and newgidmap: floor 1.64 ms, kelp 1.70 ms", from the pairs "NAME" and "NAME, WITHOUT"; or "".
std::string share_text(const RowResult& row);

// printf into a string of at most 1,023 bytes.
__attribute__((format(printf, 1, 2))) std::string format(const char* pattern, ...);

// With so many places behind the point; "-" for nothing.
std::string number_or_dash(const std::optional<double>& value, int places = 2);

}  // namespace kelp::bench
