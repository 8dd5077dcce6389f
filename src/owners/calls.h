// SPDX-License-Identifier: Apache-2.0
// A system call of the machine's own interface that asks for, or changes, what is kept of a file, as a value.
#pragma once

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace kelp::owners {

struct Call {
  enum class Kind { kStat, kStatx, kChown, kChmod, kMakeDevice } kind = Kind::kStat;
  // The file: a path below a directory, or a descriptor alone.
  int directory_fd = AT_FDCWD;
  std::uint64_t path = 0;  // an address of the caller's
  bool is_descriptor = false;
  bool follows = true;           // a link at the end
  bool empty_is_itself = false;  // AT_EMPTY_PATH

  std::uint64_t buffer = 0;  // an address of the caller's, of kStat and kStatx
  unsigned fields = 0;       // STATX_* that are asked for
  int flags = 0;             // the call's own
  uid_t user = 0;            // all ones: as it is
  gid_t group = 0;
  mode_t mode = 0;
  std::uint32_t device = 0;  // as the kernel packs it (new_encode_dev())
  bool operator==(const Call&) const = default;
};

// Nothing where the number is none of those that the filter tells of.
std::optional<Call> read_call(const seccomp_data& data);

}  // namespace kelp::owners
