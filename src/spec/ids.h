// SPDX-License-Identifier: Apache-2.0
// Who one is in a container: id maps, the user and its groups. Inside ids and host ids are told apart by
// name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "spec/origin.h"

namespace kelp {

using Id = std::uint32_t;
inline constexpr std::uint64_t kMaxId = 0xFFFFFFFE;  // 2^32-1 means "no id" to the kernel

// `count` ids from `inside` on are the host's ids from `host` on (user_namespaces(7)).
struct IdRange {
  Id inside = 0;
  Id host = 0;
  Id count = 1;
  bool operator==(const IdRange&) const = default;
};
using IdMap = std::vector<IdRange>;

// Root inside is the caller, 1 and on are the caller's subordinate ranges where there are any; a caller with
// rights over its own map keeps every id.
struct AutoIds {
  bool operator==(const AutoIds&) const = default;
};
// Root inside is the caller; no other id exists.
struct SingleId {
  bool operator==(const SingleId&) const = default;
};
// The caller keeps its own ids.
struct KeepId {
  bool with_ranges = true;  // the caller's subordinate ranges fill the other ids, where there are any
  bool operator==(const KeepId&) const = default;
};
struct ExplicitIds {
  IdMap users;
  IdMap groups;
  bool operator==(const ExplicitIds&) const = default;
};

struct Ids {
  std::variant<AutoIds, SingleId, KeepId, ExplicitIds> map = AutoIds{};
  Origin origin = {};
  bool operator==(const Ids&) const = default;
};

// The user that the command runs as, by the root's own passwd and group files. A number is never a name.
struct User {
  std::variant<Id, std::string> user = Id{0};
  std::optional<std::variant<Id, std::string>> group = {};  // none: the user's own, from passwd, else 0
  Origin origin = {};
  bool operator==(const User&) const = default;
};

enum class Groups {
  kOfUser,  // those that the root's group file gives the user; none for a plain start as root
  kKeep,    // the caller's supplementary groups stay
};

}  // namespace kelp
