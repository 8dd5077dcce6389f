// SPDX-License-Identifier: Apache-2.0
// What is kept of files that take no attribute of a user's: links, FIFOs, sockets, and whatever lies on a
// file system without such attributes. By inode; the number of a file that was removed may be given to
// another, so the time of its birth belongs to it (STATX_BTIME). What lies in ROOT itself is also written to
// a file beside ROOT, a line for each change, the last one counts; other containers on the same ROOT may
// write to it meanwhile. Runs in: child (the supervisor).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "owners/kept.h"
#include "sys/unique_fd.h"

namespace kelp::owners {

struct FileId {
  std::uint64_t device = 0;  // 0: it lies in ROOT itself
  std::uint64_t inode = 0;
  std::int64_t born_s = 0;  // 0: the file system does not tell
  std::uint32_t born_ns = 0;
  bool operator==(const FileId&) const = default;
};

// A line of the file: "INODE SECONDS.NANOSECONDS UID:GID:MODE:TYPE", or "-" at the end where nothing is kept
// any more.
struct Line {
  FileId file;
  std::optional<Kept> kept;
  bool operator==(const Line&) const = default;
};
std::optional<Line> read_line(std::string_view text);
std::string text_of(const Line& line);

// Of the file, in bytes, and of the entries in memory; beyond them nothing more is kept (ENOSPC).
inline constexpr off_t kMaxTable = off_t{64} << 20;
inline constexpr std::size_t kMaxEntries = 1'000'000;

class Table {
 public:
  Table() = default;
  // Invalid: nothing is written. One that cannot be written to is read.
  explicit Table(sys::UniqueFd file) : file_(std::move(file)) {}

  // What others have written meanwhile counts from here on.
  void read_news();
  bool is_empty() const { return entries_.empty(); }
  std::optional<Kept> find(const FileId& file) const;
  // Give errno.
  int keep(const FileId& file, const Kept& kept);
  int forget(const FileId& file);

 private:
  using Key = std::pair<std::uint64_t, std::uint64_t>;
  struct Entry {
    FileId file;
    Kept kept;
  };

  void take(const Line& line);
  void take_lines(std::string_view bytes);
  int write(const Line& line);

  sys::UniqueFd file_;
  off_t read_up_to_ = 0;
  bool has_torn_line_ = false;  // at the end of the file
  std::map<Key, Entry> entries_;
};

}  // namespace kelp::owners
