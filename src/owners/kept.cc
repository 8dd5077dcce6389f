// SPDX-License-Identifier: Apache-2.0
// The text form of what is kept of a file; see kept.h.
#include "owners/kept.h"

#include <sys/stat.h>

#include <array>
#include <utility>
#include <vector>

#include "base/text.h"

namespace kelp::owners {
namespace {

constexpr std::uint64_t kMaxId = 0xFFFFFFFE;  // all ones is no id
constexpr std::uint64_t kMaxMajor = 0xFFF;    // of new_encode_dev()
constexpr std::uint64_t kMaxMinor = 0xFFFFF;

constexpr std::array<std::pair<std::string_view, mode_t>, 7> kTypes = {{{"file", S_IFREG},
                                                                        {"dir", S_IFDIR},
                                                                        {"symlink", S_IFLNK},
                                                                        {"pipe", S_IFIFO},
                                                                        {"socket", S_IFSOCK},
                                                                        {"block", S_IFBLK},
                                                                        {"char", S_IFCHR}}};

bool is_device(mode_t type) { return type == S_IFBLK || type == S_IFCHR; }

std::string octal(mode_t permissions) {
  std::string out = "0000";
  for (std::size_t i = out.size(); i-- > 0; permissions >>= 3U)
    out[i] = static_cast<char>('0' + (permissions & 7U));
  return out;
}

bool read_type(std::string_view text, Kept& kept) {
  const std::vector<std::string_view> parts = split(text, '-');
  for (const auto& [name, type] : kTypes) {
    if (name != parts[0]) continue;
    kept.type = type;
    if (!is_device(type)) return true;
    if (parts.size() < 3) return false;
    const auto major = read_decimal(parts[1], kMaxMajor);
    const auto minor = read_decimal(parts[2], kMaxMinor);
    kept.major = static_cast<unsigned>(major.value_or(0));
    kept.minor = static_cast<unsigned>(minor.value_or(0));
    return major && minor;
  }
  return false;
}

}  // namespace

std::optional<Kept> read_kept(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, ':');
  if (parts.size() < 3) return std::nullopt;
  const auto user = read_decimal(parts[0], kMaxId);
  const auto group = read_decimal(parts[1], kMaxId);
  // Some write the type's bits too.
  const auto mode = read_octal(parts[2], 0177777);
  if (!user || !group || !mode) return std::nullopt;
  Kept kept{.user = static_cast<uid_t>(*user),
            .group = static_cast<gid_t>(*group),
            .permissions = static_cast<mode_t>(*mode & 07777U)};
  if (parts.size() > 3 && !read_type(parts[3], kept)) return std::nullopt;
  return kept;
}

std::string text_of(const Kept& kept) {
  std::string out = cat(kept.user, ":", kept.group, ":", octal(kept.permissions));
  for (const auto& [name, type] : kTypes) {
    if (type != kept.type) continue;
    out += cat(":", name);
    if (is_device(type)) out += cat("-", kept.major, "-", kept.minor);
  }
  return out;
}

}  // namespace kelp::owners
