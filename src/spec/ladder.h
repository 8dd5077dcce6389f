// SPDX-License-Identifier: Apache-2.0
// The ladder: how strong a container can be where the place allows less than a default start needs. Nobody
// goes down by itself (kelp-ladder(7)).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "spec/origin.h"

namespace kelp {

// From the strongest down.
enum class Rung {
  kFull,       // namespaces, and a proc of its own
  kOuterProc,  // the same with the proc of the container around
  kChroot,     // no namespaces: a chroot, capabilities dropped, seccomp, Landlock
  kLandlock,   // no right at all: seccomp and Landlock over the machine's own userland
};
inline constexpr int kRungs = 4;

// "full", "outer-proc", "chroot", "landlock".
std::string_view rung_name(Rung rung);
std::optional<Rung> read_rung(std::string_view name);
// Every name with blanks between, for a refusal that lists them.
std::string rung_names();
// "chroot (rung 3 of 4)".
std::string rung_title(Rung rung);

// --fallback: the container may stand on a lower rung, down to this one.
struct Fallback {
  Rung lowest = Rung::kLandlock;
  Origin origin = {};
  bool operator==(const Fallback&) const = default;
};

}  // namespace kelp
