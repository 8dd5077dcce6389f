// SPDX-License-Identifier: Apache-2.0
// What is kept of a file, wherever it is kept: on the file itself where it takes attributes, else in the
// table. Runs in: child (the supervisor).
#pragma once

#include <sys/stat.h>

#include <optional>

#include "owners/kept.h"
#include "owners/table.h"

namespace kelp::owners {

class Memory {
 public:
  // The root of this process is ROOT.
  explicit Memory(Table table);

  // Of what the descriptor (O_PATH) leads to; nothing: stat tells all there is.
  std::optional<Kept> of(int fd);
  // `truth` is what stat tells without it; where nothing differs from that nothing is kept. Gives errno.
  int keep(int fd, const struct stat& truth, const Kept& kept);

 private:
  std::optional<FileId> identity_of(int fd) const;
  int keep_in_table(int fd, const Kept& kept);
  int forget_in_table(int fd);

  Table table_;
  std::uint64_t root_mount_ = 0;
};

// What is kept is shown in the place of the truth. The type is the file's own, but for a device.
void show(const Kept& kept, struct stat& info);
void show(const Kept& kept, struct statx& info);

}  // namespace kelp::owners
