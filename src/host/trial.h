// SPDX-License-Identifier: Apache-2.0
// What the kernel really gives here: a throw-away process makes the namespaces and the mounts of a default
// start, one after the other, and tells what each of them met. Settings can lie; this cannot. Only for `kelp
// doctor` and --fallback. Runs in: parent (and in a child of its own, of which nothing is left).
#pragma once

#include <array>
#include <optional>

#include "base/result.h"
#include "host/causes.h"

namespace kelp::host {

// What is tried, in this order; what comes after one that all else needs (clone, ids, first mount) is then
// not tried.
inline constexpr std::array kTried = {Failed::kClone,      Failed::kIdMap,       Failed::kNamespaces,
                                      Failed::kFirstMount, Failed::kCgroupMount, Failed::kSysfs,
                                      Failed::kProc,       Failed::kOverlay};

class Trial {
 public:
  // errno (0: it works), or nothing where it was not tried.
  std::optional<int> outcome(Failed what) const;
  bool works(Failed what) const { return outcome(what) == 0; }

  // For tests: a trial that went so.
  void set(Failed what, int code);

 private:
  std::array<std::optional<int>, kTried.size()> outcomes_;
};

enum class Extent {
  kWhole,
  kLadder,  // what decides about the rung: up to the first mount, and proc (subset=pid counts too)
};
Result<Trial> try_namespaces(Extent extent = Extent::kWhole);

}  // namespace kelp::host
