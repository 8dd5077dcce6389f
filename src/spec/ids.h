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
// The caller is this one id inside; no other exists.
struct SingleId {
  Id user = 0;
  Id group = 0;
  bool operator==(const SingleId&) const = default;
};
// The caller keeps its own ids.
struct KeepId {
  bool with_ranges = true;  // the caller's subordinate ranges fill the other ids, where there are any
  bool operator==(const KeepId&) const = default;
};
// Somebody else writes the maps of the new user namespace, and says so by a byte on `ready_fd` or its end.
struct ForeignIds {
  int ready_fd = -1;
  std::optional<Id> user = {};  // who one is inside from the start on; none: whom the map makes of the caller
  std::optional<Id> group = {};
  bool operator==(const ForeignIds&) const = default;
};
// No new user namespace: the one behind the descriptor is entered, with its map as it is.
struct JoinedIds {
  int namespace_fd = -1;
  std::optional<Id> user = {};  // as in ForeignIds
  std::optional<Id> group = {};
  bool operator==(const JoinedIds&) const = default;
};
struct ExplicitIds {
  IdMap users;
  IdMap groups;
  bool operator==(const ExplicitIds&) const = default;
};

// No new user namespace: the caller has the rights that a start needs in its own.
struct OwnIds {
  bool operator==(const OwnIds&) const = default;
};

struct Ids {
  std::variant<AutoIds, SingleId, KeepId, ExplicitIds, ForeignIds, JoinedIds, OwnIds> map = AutoIds{};
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
  kListed,  // those of Command::listed_groups, and no others
};

}  // namespace kelp
