// SPDX-License-Identifier: Apache-2.0
// What `kelp rootfs make` says on stdout: a line a path while it works, or one JSON document at the end.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "verbs/rootfs_write.h"

namespace kelp::verbs {

enum class RootfsOutput { kText, kJson };

class RootfsPrinter {
 public:
  RootfsPrinter(RootfsOutput output, std::string directory)
      : output_(output), directory_(std::move(directory)) {}

  void tell(const RootChange& change);

  // The total, or the document. Fails where stdout did not take all of it.
  Status finish(const std::vector<std::string>& warnings);

 private:
  std::string document(const std::vector<std::string>& warnings) const;
  std::string total() const;

  RootfsOutput output_;
  std::string directory_;
  std::vector<RootChange> changes_;  // for the document only
  std::size_t copied_ = 0, linked_ = 0, made_ = 0, unchanged_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace kelp::verbs
