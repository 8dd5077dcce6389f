// SPDX-License-Identifier: Apache-2.0
// Interleaved rounds: in each round each contender of a row runs once, so that a busy moment of the machine
// meets all of them, and in a new order, since what one leaves to the kernel (network namespaces are taken
// down later) the next one pays for. A ratio is taken within a round, and the median of these is the result.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "command.h"
#include "rows.h"

namespace kelp::bench {

struct Effort {
  int rounds = 200;
  double seconds =
      10;  // the most for one contender of one row: a slow one sits out rounds, but runs in three
};

struct Measured {
  std::string name;
  std::string problem;                    // why it was not measured, else empty
  std::vector<std::optional<double>> ms;  // one a round; nothing where it sat out
};

struct RowResult {
  Row row;
  int rounds = 0;
  std::vector<Measured> contenders;

  const Measured* find(std::string_view name) const;
};

// Contenders that are not installed are not in the result; one that fails is there with the reason.
RowResult measure(const Row& row, const Effort& effort, const Scene& scene, const Programs& programs);

// The times of the rounds in which it ran.
std::vector<double> times(const Measured& measured);

// Medians over the rounds in which both ran; nothing if there are none.
std::optional<double> median_ratio(const Measured* of, const Measured* to);
std::optional<double> median_difference(const Measured* of, const Measured* to);

}  // namespace kelp::bench
