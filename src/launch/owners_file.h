// SPDX-License-Identifier: Apache-2.0
// The file beside ROOT in which root emulation keeps what links, FIFOs and sockets cannot carry themselves.
// It is opened here, since nothing inside sees the place, and only while something is in it is it there. Runs
// in: parent.
#pragma once

#include <string>

#include "base/result.h"
#include "plan/plan.h"
#include "sys/unique_fd.h"

namespace kelp::launch {

// Destroying it removes the file where it is empty and no other container uses it.
class OwnersFile {
 public:
  OwnersFile() = default;  // none
  OwnersFile(OwnersFile&& other) noexcept = default;
  OwnersFile& operator=(OwnersFile&& other) = delete;
  OwnersFile(const OwnersFile&) = delete;
  OwnersFile& operator=(const OwnersFile&) = delete;
  ~OwnersFile();

  // In the child: the descriptor, for the supervisor; nothing is removed there.
  sys::UniqueFd leave_to_child();

 private:
  friend Result<OwnersFile> open_owners_file(const plan::Plan& plan);

  std::string path_;
  sys::UniqueFd fd_;
};

// The one that the plan asks for (plan.owners_file), or none.
Result<OwnersFile> open_owners_file(const plan::Plan& plan);

}  // namespace kelp::launch
