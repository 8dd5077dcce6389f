// SPDX-License-Identifier: Apache-2.0
// Reader of /etc/subuid and /etc/subgid (subuid(5)): `OWNER:FIRST:COUNT`, several lines an owner, the owner
// by name or by decimal uid. It is as strict as newuidmap, which reads the same files again: what newuidmap
// would not believe must not be promised here. Runs in: parent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "host/lines.h"
#include "host/ranges.h"

namespace kelp::host {

// A uid_map takes 340 extents, and one of them is the caller's own id.
inline constexpr std::size_t kMostRanges = 339;

// Whose ranges are looked for. The name may be empty (not known).
struct RangeOwner {
  std::string name;
  std::uint32_t uid = 0;
};

struct RangeList {
  Ranges ranges;                      // in the order of the file, no overlap
  std::vector<std::string> warnings;  // lines that were skipped, each with file and line number
  bool operator==(const RangeList&) const = default;
};

// Collects the ranges of one owner from the lines of one file.
class RangeReader {
 public:
  // `file` is only for the warnings.
  RangeReader(std::string_view file, const RangeOwner& owner);

  void read(const Line& line);
  // The rest of the file was not read.
  void warn_incomplete();

  RangeList take() && { return std::move(list_); }

 private:
  void warn(std::size_t number, std::string_view why);

  std::string file_;
  std::string name_;
  std::string uid_;
  RangeList list_;
  std::size_t skipped_ = 0;
};

// The same of a text that is in memory already.
RangeList read_ranges(std::string_view text, std::string_view file, const RangeOwner& owner);

// The same of a file. One that does not exist has no ranges; one that cannot be read is a warning. An error:
// a shortage, which tells nothing about the ranges.
Result<RangeList> read_range_file(const std::string& path, const RangeOwner& owner);

}  // namespace kelp::host
