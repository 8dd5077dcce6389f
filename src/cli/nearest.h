// SPDX-License-Identifier: Apache-2.0
// The known word that was probably meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace kelp::cli {

// The word of `known` that is nearest to `typed` by slips of the keyboard (a letter missing, too many, wrong
// or swapped with its neighbour), or of which `typed` is the beginning; empty where none is near.
std::string_view nearest(std::string_view typed, std::span<const std::string_view> known);

}  // namespace kelp::cli
