// SPDX-License-Identifier: Apache-2.0
// Reading the loader's cache; see ld_cache.h. It is in the byte order of the machine that wrote it.
// Runs in: parent.
#include "sys/ld_cache.h"

#include <cstdint>
#include <cstring>
#include <optional>

namespace kelp::sys {
namespace {

constexpr std::string_view kOldMagic = "ld.so-1.7.0";
constexpr std::string_view kMagic = "glibc-ld.so.cache1.1";
constexpr std::size_t kOldHeader = 16, kOldEntry = 12;  // struct cache_file, file_entry
constexpr std::size_t kHeader = 48, kEntry = 24;        // struct cache_file_new, file_entry_new

// The caller has checked that bytes holds at + sizeof(Number).
template <typename Number>
Number number_at(std::string_view bytes, std::size_t at) {
  Number value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::optional<std::string> string_at(std::string_view bytes, std::uint32_t at) {
  if (at >= bytes.size()) return std::nullopt;
  const std::string_view rest = bytes.substr(at);
  const std::size_t end = rest.find('\0');
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  return std::string(rest.substr(0, end));
}

}  // namespace

Result<LdCache> read_ld_cache(std::string_view bytes) {
  const auto bad = [](const char* why) { return Error("read the library cache", why); };
  // Up to glibc 2.31 the old format may come first, for still older loaders.
  if (bytes.starts_with(kOldMagic)) {
    if (bytes.size() < kOldHeader) return bad("it is cut short");
    const std::size_t end = kOldHeader + std::size_t{number_at<std::uint32_t>(bytes, 12)} * kOldEntry;
    const std::size_t aligned = (end + 7) / 8 * 8;
    if (aligned > bytes.size()) return bad("it is cut short");
    bytes.remove_prefix(aligned);
  }
  if (!bytes.starts_with(kMagic)) return bad("its format is unknown");
  if (bytes.size() < kHeader) return bad("it is cut short");
  const std::size_t count = number_at<std::uint32_t>(bytes, 20);
  if (count > (bytes.size() - kHeader) / kEntry) return bad("it is cut short");

  LdCache cache;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = kHeader + i * kEntry;
    const auto processor = number_at<std::uint64_t>(bytes, at + 16);
    if (processor != 0) continue;
    std::optional<std::string> name = string_at(bytes, number_at<std::uint32_t>(bytes, at + 4));
    std::optional<std::string> path = string_at(bytes, number_at<std::uint32_t>(bytes, at + 8));
    if (name && path && path->starts_with('/')) cache[std::move(*name)].push_back(std::move(*path));
  }
  return cache;
}

}  // namespace kelp::sys
