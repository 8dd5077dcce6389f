// SPDX-License-Identifier: Apache-2.0
// The table of what files cannot carry themselves; see table.h.
// Runs in: child (the supervisor).
#include "owners/table.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <vector>

#include "base/text.h"

namespace kelp::owners {
namespace {

constexpr std::uint64_t kMaxSeconds = std::numeric_limits<std::int64_t>::max();

}  // namespace

std::optional<Line> read_line(std::string_view text) {
  const std::vector<std::string_view> words = split(text, ' ');
  if (words.size() != 3) return std::nullopt;
  const std::vector<std::string_view> born = split(words[1], '.');
  if (born.size() != 2) return std::nullopt;
  const auto inode = read_decimal(words[0], std::numeric_limits<std::uint64_t>::max());
  const auto seconds = read_decimal(born[0], kMaxSeconds);
  const auto nanoseconds = read_decimal(born[1], 999'999'999);
  if (!inode || !seconds || !nanoseconds) return std::nullopt;
  Line line{.file = {.inode = *inode,
                     .born_s = static_cast<std::int64_t>(*seconds),
                     .born_ns = static_cast<std::uint32_t>(*nanoseconds)},
            .kept = read_kept(words[2])};
  if (!line.kept && words[2] != "-") return std::nullopt;
  return line;
}

std::string text_of(const Line& line) {
  const FileId& file = line.file;
  return cat(file.inode, " ", file.born_s, ".", file.born_ns, " ", line.kept ? text_of(*line.kept) : "-");
}

void Table::take(const Line& line) {
  const Key key{line.file.device, line.file.inode};
  if (line.kept) {
    if (entries_.size() >= kMaxEntries && !entries_.contains(key)) return;
    entries_[key] = {.file = line.file, .kept = *line.kept};
  } else {
    entries_.erase(key);
  }
}

// A line without its end is one that is being written, or that a machine's crash has cut.
void Table::take_lines(std::string_view bytes) {
  std::size_t end = 0;
  while ((end = bytes.find('\n')) != std::string_view::npos) {
    if (const std::optional<Line> line = read_line(bytes.substr(0, end))) take(*line);
    bytes.remove_prefix(end + 1);
  }
}

void Table::read_news() {
  struct stat info{};
  if (!file_.valid() || ::fstat(file_.get(), &info) != 0) return;
  std::string bytes;
  std::array<char, 16384> part;
  off_t at = read_up_to_;
  while (at < std::min(info.st_size, kMaxTable)) {
    const ssize_t count = ::pread(file_.get(), part.data(), part.size(), at);
    if (count <= 0) break;
    at += count;
    bytes.append(part.data(), static_cast<std::size_t>(count));
    const std::size_t whole = bytes.rfind('\n');
    if (whole == std::string::npos && bytes.size() > part.size()) bytes.clear();  // no line is so long
    if (whole == std::string::npos) continue;
    take_lines(std::string_view(bytes).substr(0, whole + 1));
    bytes.erase(0, whole + 1);
  }
  if (at > read_up_to_) has_torn_line_ = !bytes.empty();
  read_up_to_ = at - static_cast<off_t>(bytes.size());
}

std::optional<Kept> Table::find(const FileId& file) const {
  const auto found = entries_.find({file.device, file.inode});
  if (found == entries_.end() || found->second.file != file) return std::nullopt;
  return found->second.kept;
}

// In one piece, so that lines of several containers do not mix.
int Table::write(const Line& line) {
  if (line.file.device != 0 || !file_.valid()) return 0;
  // What is torn is a line of its own then, and no beginning of this one.
  const std::string text = cat(has_torn_line_ ? "\n" : "", text_of(line), "\n");
  struct stat info{};
  if (::fstat(file_.get(), &info) == 0 && info.st_size + static_cast<off_t>(text.size()) > kMaxTable)
    return ENOSPC;
  const ssize_t count = ::write(file_.get(), text.data(), text.size());
  has_torn_line_ = count > 0 && count != static_cast<ssize_t>(text.size());
  if (count == static_cast<ssize_t>(text.size())) return 0;
  if (count >= 0) return ENOSPC;
  // Of a ROOT below an overlay that is thrown away, which is only read.
  return errno == EBADF ? 0 : errno;
}

int Table::keep(const FileId& file, const Kept& kept) {
  if (entries_.size() >= kMaxEntries && !find(file)) return ENOSPC;
  const Line line{.file = file, .kept = kept};
  const int error = write(line);
  if (error == 0) take(line);
  return error;
}

int Table::forget(const FileId& file) {
  if (!find(file)) return 0;
  const Line line{.file = file, .kept = std::nullopt};
  const int error = write(line);
  if (error == 0) take(line);
  return error;
}

}  // namespace kelp::owners
