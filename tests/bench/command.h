// SPDX-License-Identifier: Apache-2.0
// From a line of the row table to something that can be started: the program found, the placeholders filled
// in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "process.h"
#include "rows.h"
#include "scene.h"

namespace kelp::bench {

// The paths of the bench's own programs and of the measured kelp; empty: there is none.
struct Programs {
  std::string floor;
  std::string command;  // becomes /bin/true of the root
  std::string alloc_counter;
  std::string kelp;

  // Beside this executable; kelp there too, or two folders up as in the build tree, unless `kelp` names it.
  static Programs find(const std::string& kelp);

  std::string path_of(const std::string& name) const;
};

// The programs of a command, one after the other. Empty if one of them is not installed.
std::vector<Invocation> build_invocations(std::string_view command, int binds, const Scene& scene,
                                          const Programs& programs);
// Of a command that is one program; an empty argv if that is not installed.
Invocation build_invocation(std::string_view command, int binds, const Scene& scene,
                            const Programs& programs);

}  // namespace kelp::bench
