// SPDX-License-Identifier: Apache-2.0
// One line of a file at a time; see lines.h.
// Runs in: parent.
#include "host/lines.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::host {

Result<LineReader> LineReader::open(const std::string& path) {
  Result<sys::UniqueFd> fd = sys::open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd) return fd.error();
  struct stat info{};
  if (::fstat(fd->get(), &info) != 0) return sys::failure(cat("read ", path));
  if (!S_ISREG(info.st_mode)) return Error(cat("read ", path), "it is not a regular file");
  return LineReader(std::move(*fd));
}

std::optional<Line> LineReader::next() {
  for (;;) {
    const char* const begin = buffer_.get() + start_;
    if (const void* newline = std::memchr(begin, '\n', end_ - start_); newline != nullptr) {
      const auto size = static_cast<std::size_t>(static_cast<const char*>(newline) - begin);
      start_ += size + 1;
      return Line{.text = {begin, size}, .number = ++number_};
    }
    if (end_ - start_ == kLongestLine) return cut_line();
    if (fill()) continue;
    if (start_ == end_) return std::nullopt;
    // The last line may lack its newline.
    const std::size_t first = std::exchange(start_, end_);
    return Line{.text = {buffer_.get() + first, end_ - first}, .number = ++number_};
  }
}

bool LineReader::fill() {
  if (is_at_end_) return false;
  if (start_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + start_, end_ - start_);
    end_ -= std::exchange(start_, 0);
  }
  ssize_t count = 0;
  do {
    count = ::read(fd_.get(), buffer_.get() + end_, kLongestLine - end_);
  } while (count < 0 && errno == EINTR);
  if (count > 0) {
    end_ += static_cast<std::size_t>(count);
    total_ += static_cast<std::size_t>(count);
  }
  const bool is_too_large = total_ > kLargestFile;
  if (count < 0) error_ = errno;
  if (count < 0 || is_too_large) is_incomplete_ = true;
  if (count <= 0 || is_too_large) is_at_end_ = true;
  return count > 0 && !is_too_large;
}

// The whole buffer is one line. Its beginning is kept where it is, so the rest is read into a place of its
// own.
Line LineReader::cut_line() {
  start_ = end_ = 0;
  char rest[4096];
  while (!is_at_end_) {
    const ssize_t count = ::read(fd_.get(), rest, sizeof rest);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      if (count < 0) error_ = errno;
      is_incomplete_ |= count < 0;
      is_at_end_ = true;
      break;
    }
    total_ += static_cast<std::size_t>(count);
    if (total_ > kLargestFile) is_at_end_ = is_incomplete_ = true;
    const void* newline = std::memchr(rest, '\n', static_cast<std::size_t>(count));
    if (newline == nullptr) continue;
    // What was read beyond this line belongs to the next one.
    const auto used = static_cast<const char*>(newline) - rest + 1;
    ::lseek(fd_.get(), used - count, SEEK_CUR);
    total_ -= static_cast<std::size_t>(count - used);
    break;
  }
  return Line{.text = {buffer_.get(), kLongestLine}, .number = ++number_};
}

}  // namespace kelp::host
