// SPDX-License-Identifier: Apache-2.0
// Whether a container is in a namespace of somebody else's (Spec::joined_namespaces).
#pragma once

#include <algorithm>

#include "spec/spec.h"

namespace kelp {

inline bool joins(const Spec& spec, Namespace kind) {
  return std::ranges::any_of(spec.joined_namespaces,
                             [kind](const auto& joined) { return joined.kind == kind; });
}

}  // namespace kelp
