// SPDX-License-Identifier: Apache-2.0
// A text file of the host, one line at a time. The account files of a shared server hold 50,000 users and are
// read at every start that maps a range: they stream through one small buffer, and are bounded. Runs in:
// parent.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/unique_fd.h"

namespace kelp::host {

struct Line {
  std::string_view text;   // without the newline; valid until the next line is read
  std::size_t number = 0;  // from 1
};

class LineReader {
 public:
  static constexpr std::size_t kLongestLine = std::size_t{64} * 1024;
  static constexpr std::size_t kLargestFile = std::size_t{16} * 1024 * 1024;

  // Refuses what is not a regular file: a FIFO would block, a device has side effects.
  static Result<LineReader> open(const std::string& path);

  // The next line; none at the end, after kLargestFile bytes, or on a read error. A line longer than
  // kLongestLine is cut there: what follows of it is dropped.
  std::optional<Line> next();

  // The file is longer than what was given out.
  bool is_incomplete() const noexcept { return is_incomplete_; }
  // The errno with which reading ended; 0: none.
  int error() const noexcept { return error_; }

 private:
  explicit LineReader(sys::UniqueFd fd)
      : fd_(std::move(fd)), buffer_(std::make_unique_for_overwrite<char[]>(kLongestLine)) {}
  bool fill();
  Line cut_line();

  sys::UniqueFd fd_;
  std::unique_ptr<char[]> buffer_;
  std::size_t start_ = 0;  // of what was not given out yet
  std::size_t end_ = 0;
  std::size_t total_ = 0;
  std::size_t number_ = 0;
  bool is_at_end_ = false;
  bool is_incomplete_ = false;
  int error_ = 0;
};

}  // namespace kelp::host
