// SPDX-License-Identifier: Apache-2.0
// Reader of /etc/subuid and /etc/subgid; see subids.h.
// Runs in: parent.
#include "host/subids.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/text.h"
#include "sys/failure.h"

namespace kelp::host {
namespace {

// A broken file has 50,000 broken lines; three of them tell enough.
constexpr std::size_t kMostWarnings = 3;

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

struct Fields {
  std::string_view owner;
  std::string_view first;
  std::string_view count;
};

std::optional<Fields> fields_of(std::string_view line) {
  const std::size_t one = line.find(':');
  if (one == std::string_view::npos || one == 0) return std::nullopt;
  const std::size_t two = line.find(':', one + 1);
  if (two == std::string_view::npos) return std::nullopt;
  return Fields{.owner = line.substr(0, one),
                .first = line.substr(one + 1, two - one - 1),
                .count = line.substr(two + 1)};
}

// Why the numbers of a line are no range; empty: they are one.
std::string_view complaint(const Fields& fields) {
  if (fields.count.ends_with('\r')) return "it ends in a carriage return, which newuidmap does not read";
  const std::optional<std::uint64_t> first = read_decimal(fields.first, UINT64_MAX);
  const std::optional<std::uint64_t> count = read_decimal(fields.count, UINT64_MAX);
  if (!first) return "the first id is not a decimal number";
  if (!count) return "the count is not a decimal number";
  if (*count == 0) return "the count is 0";
  if (!is_valid(*first, *count)) return "the range goes beyond id 4294967294";
  return {};
}

}  // namespace

RangeReader::RangeReader(std::string_view file, const RangeOwner& owner)
    // A number is never a name: an account called "1000" must not get the ranges of uid 1000.
    : file_(file),
      name_(is_number(owner.name) ? std::string() : owner.name),
      uid_(std::to_string(owner.uid)) {}

void RangeReader::read(const Line& line) {
  const std::string_view text = line.text;
  if (text.empty() || text.front() == '#' || trimmed(text).empty() || text == "\r") return;
  const std::optional<Fields> fields = fields_of(text);
  // Nobody can tell whose line this was meant to be; it may be the owner's.
  if (!fields) return warn(line.number, "it is not OWNER:FIRST:COUNT");
  if ((name_.empty() || fields->owner != name_) && fields->owner != uid_) return;

  if (const std::string_view why = complaint(*fields); !why.empty()) return warn(line.number, why);
  if (list_.ranges.size() >= kMostRanges)
    return warn(line.number, "there are more ranges than an id map can hold");
  append_new(list_.ranges, {.first = static_cast<std::uint32_t>(*read_decimal(fields->first, kLastId)),
                            .count = static_cast<std::uint32_t>(*read_decimal(fields->count, kLastId + 1))});
  // One line may have been cut into several by the lines before it.
  if (list_.ranges.size() > kMostRanges) list_.ranges.resize(kMostRanges);
}

void RangeReader::warn(std::size_t number, std::string_view why) {
  ++skipped_;
  if (skipped_ > kMostWarnings + 1) return;
  if (skipped_ == kMostWarnings + 1) {
    list_.warnings.push_back(cat(file_, ": more lines are skipped, from line ", number, " on"));
  } else {
    list_.warnings.push_back(cat(file_, ": line ", number, " is skipped: ", why));
  }
}

void RangeReader::warn_incomplete() {
  list_.warnings.push_back(
      cat(file_, ": only its first part is read (it cannot be read, or has more than 16 MiB)"));
}

RangeList read_ranges(std::string_view text, std::string_view file, const RangeOwner& owner) {
  RangeReader reader(file, owner);
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    reader.read({.text = text.substr(0, end), .number = number});
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return std::move(reader).take();
}

Result<RangeList> read_range_file(const std::string& path, const RangeOwner& owner) {
  Result<LineReader> lines = LineReader::open(path);
  if (!lines) {
    const int code = lines.error().code();
    if (sys::is_shortage(code)) return lines.error();
    if (code == ENOENT || code == ENOTDIR) return RangeList{};
    return RangeList{.ranges = {},
                     .warnings = {cat("cannot ", lines.error().action(), ": ", lines.error().reason())}};
  }
  RangeReader reader(path, owner);
  while (const std::optional<Line> line = lines->next()) reader.read(*line);
  if (sys::is_shortage(lines->error())) return sys::failure(cat("read ", path), lines->error());
  if (lines->is_incomplete()) reader.warn_incomplete();
  return std::move(reader).take();
}

}  // namespace kelp::host
