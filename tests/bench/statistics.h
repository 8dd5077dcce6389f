// SPDX-License-Identifier: Apache-2.0
// The two numbers that stand noise: the median, and the median absolute deviation from it. Pure.
#pragma once

#include <vector>

namespace kelp::bench {

// Of an even number of values the mean of the two in the middle; NaN of none.
double median(std::vector<double> values);

// How far a value typically lies from the median, in the same unit.
double median_deviation(const std::vector<double>& values);

}  // namespace kelp::bench
