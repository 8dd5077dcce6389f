// SPDX-License-Identifier: Apache-2.0
// The layer of a throw-away overlay where it must lie on disk: a directory with a name of its own in one that
// is the caller's alone. Its lock (flock(2)) is the parent's and falls with it, however it ends: an unlocked
// layer is a dead one, and the next start that needs a layer removes it.
// Runs in: parent.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "plan/plan.h"
#include "sys/unique_fd.h"

namespace kelp::launch {

// A layer that is ours. Destroying it removes it.
class Layer {
 public:
  Layer() = default;  // none
  Layer(Layer&& other) noexcept = default;
  Layer& operator=(Layer&& other) = delete;
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;
  ~Layer() { (void)remove(); }

  // The plan with the layer as the source that it has left open.
  plan::Plan put_into(plan::Plan plan) const;

  // Nobody may use it any more. Files of the ids in the map are removed by a process that has these ids.
  Status remove();

  // In the child: the lock shall be the parent's alone.
  void leave_to_parent();

 private:
  friend Result<Layer> make_layer(const plan::Plan& plan);

  sys::UniqueFd around_;  // the directory that it lies in
  sys::UniqueFd lock_;    // the layer's own, locked
  std::string path_;
  std::string name_;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
  plan::IdMaps ids_;
};

// Makes and locks the layer that the plan asks for (plan.layer). Errors: the place is not the caller's alone.
Result<Layer> make_layer(const plan::Plan& plan);

// Removes the layers of starts that were killed. What cannot be removed stays: a sentence each.
std::vector<std::string> remove_dead_layers(const plan::Plan& plan);

}  // namespace kelp::launch
