// SPDX-License-Identifier: Apache-2.0
// Root emulation: whether what only a root with many ids may do is answered with success, and not done.
#pragma once

#include "spec/origin.h"

namespace kelp {

enum class FakeRootMode {
  kOff,
  kAuto,    // as kSimple where root inside is the only id of the map and cannot gain rights, else as kOff
  kSimple,  // by a filter of system calls: nothing is kept of what was pretended
  // What was pretended of files is kept, and shown: by a process inside that the filter asks.
  kConsistent,
};

struct FakeRoot {
  FakeRootMode mode = FakeRootMode::kOff;
  // The ids are those of a container that is there already, and it maps root alone.
  bool is_where_root_is_alone = false;
  Origin origin = {};
  bool operator==(const FakeRoot&) const = default;
};

// By name, not by itself.
inline bool is_asked_for(const FakeRoot& fake_root) {
  return fake_root.mode == FakeRootMode::kSimple || fake_root.mode == FakeRootMode::kConsistent;
}

}  // namespace kelp
