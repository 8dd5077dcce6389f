// SPDX-License-Identifier: Apache-2.0
// The options of a mount; see mount_options.h. The words are those of mount(8); an r in front means all
// mounts below, too (mount_setattr(2), AT_RECURSIVE).
#include "oci/mount_options.h"

#include <linux/mount.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace kelp::oci {
namespace {

// As <sys/mount.h> has them, which cannot be included beside <linux/mount.h> everywhere.
constexpr std::uint64_t kUnbindable = 1U << 17U, kPrivate = 1U << 18U, kSlave = 1U << 19U,
                        kShared = 1U << 20U;

// `set` is put in force, and `clear` taken away. The time of access is a number of its own in the attributes:
// MOUNT_ATTR_RELATIME is 0, and whatever sets another clears the whole.
struct Attribute {
  std::string_view word;
  std::uint64_t set;
  std::uint64_t clear;
};
constexpr auto kAttributes = std::to_array<Attribute>({
    {"ro", MOUNT_ATTR_RDONLY, 0},
    {"rw", 0, MOUNT_ATTR_RDONLY},
    {"nosuid", MOUNT_ATTR_NOSUID, 0},
    {"suid", 0, MOUNT_ATTR_NOSUID},
    {"nodev", MOUNT_ATTR_NODEV, 0},
    {"dev", 0, MOUNT_ATTR_NODEV},
    {"noexec", MOUNT_ATTR_NOEXEC, 0},
    {"exec", 0, MOUNT_ATTR_NOEXEC},
    {"nodiratime", MOUNT_ATTR_NODIRATIME, 0},
    {"diratime", 0, MOUNT_ATTR_NODIRATIME},
    {"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0},
    {"symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW},
    {"noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME},
    {"strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
    {"relatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    // The kernel's own way, which is relatime.
    {"atime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    {"norelatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    {"nostrictatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
});

struct Propagation {
  std::string_view word;
  std::uint64_t type;
};
constexpr auto kPropagation = std::to_array<Propagation>({
    {"private", kPrivate},
    {"slave", kSlave},
    {"shared", kShared},
    {"unbindable", kUnbindable},
});

// Of the file system as a whole.
struct Flag {
  std::string_view word;
  std::uint64_t set;
  std::uint64_t clear;
};
constexpr std::uint64_t kSync = 1U << 4U, kMand = 1U << 6U, kDirSync = 1U << 7U, kSilent = 1U << 15U,
                        kAcl = 1U << 16U, kVersion = 1U << 23U, kLazy = 1U << 25U;
constexpr auto kFlags = std::to_array<Flag>({
    {"sync", kSync, 0},
    {"async", 0, kSync},
    {"dirsync", kDirSync, 0},
    {"mand", kMand, 0},
    {"nomand", 0, kMand},
    {"silent", kSilent, 0},
    {"loud", 0, kSilent},
    {"acl", kAcl, 0},
    {"noacl", 0, kAcl},
    {"iversion", kVersion, 0},
    {"noiversion", 0, kVersion},
    {"lazytime", kLazy, 0},
    {"nolazytime", 0, kLazy},
});

template <typename Row, std::size_t N>
const Row* find(const std::array<Row, N>& table, std::string_view word) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const Row& row) { return row.word == word; });
  return found == table.end() ? nullptr : &*found;
}

// The last word about something counts.
void apply(const Attribute& what, AttributeChange& change) {
  change.set = (change.set & ~what.clear) | what.set;
  change.clear = (change.clear & ~what.set) | what.clear;
}

bool read_mark(std::string_view word, MountOptions& out) {
  using Bind = MountOptions::Bind;
  using IdMapped = MountOptions::IdMapped;
  if (word == "bind") {
    if (out.bind == Bind::kNot) out.bind = Bind::kAlone;
  } else if (word == "rbind") {
    out.bind = Bind::kRecursive;
  } else if (word == "idmap") {
    out.id_mapped = IdMapped::kAlone;
  } else if (word == "ridmap") {
    out.id_mapped = IdMapped::kRecursive;
  } else if (word == "tmpcopyup") {
    out.copy_up = true;
  } else if (word == "remount") {
    out.is_remount = true;
  } else {
    return word == "defaults";
  }
  return true;
}

bool read_word(std::string_view word, MountOptions& out) {
  if (read_mark(word, out)) return true;
  if (const Attribute* attribute = find(kAttributes, word)) {
    apply(*attribute, out.attributes);
    return true;
  }
  if (const Flag* flag = find(kFlags, word)) {
    out.flags = (out.flags & ~flag->clear) | flag->set;
    return true;
  }
  const bool is_recursive = word.starts_with('r');
  const std::string_view rest = is_recursive ? word.substr(1) : word;
  if (const Propagation* propagation = find(kPropagation, rest)) {
    out.propagation.push_back({.type = propagation->type, .recursive = is_recursive});
    return true;
  }
  const Attribute* attribute = is_recursive ? find(kAttributes, rest) : nullptr;
  if (attribute == nullptr) return false;
  apply(*attribute, out.recursive_attributes);
  return true;
}

}  // namespace

MountOptions read_mount_options(const std::vector<std::string>& options) {
  MountOptions out;
  for (const std::string& word : options) {
    if (word.empty() || read_word(word, out)) continue;
    if (!out.data.empty()) out.data += ',';
    out.data += word;
  }
  return out;
}

std::vector<std::string_view> mount_option_names() {
  static constexpr auto kRecursive = std::to_array<std::string_view>(
      {"rro",      "rrw",          "rnosuid",     "rsuid",      "rnodev",       "rdev",
       "rnoexec",  "rexec",        "rnodiratime", "rdiratime",  "rnosymfollow", "rsymfollow",
       "rnoatime", "rstrictatime", "rrelatime",   "ratime",     "rnorelatime",  "rnostrictatime",
       "rprivate", "rslave",       "rshared",     "runbindable"});
  std::vector<std::string_view> names = {"bind", "rbind", "defaults", "idmap", "ridmap", "tmpcopyup"};
  names.insert(names.end(), kRecursive.begin(), kRecursive.end());
  for (const Attribute& row : kAttributes) names.push_back(row.word);
  for (const Propagation& row : kPropagation) names.push_back(row.word);
  for (const Flag& row : kFlags) names.push_back(row.word);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace kelp::oci
