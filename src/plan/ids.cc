// SPDX-License-Identifier: Apache-2.0
// Which id map a container gets, and who writes it.
#include <algorithm>

#include "base/text.h"
#include "plan/steps.h"

namespace kelp::plan {
namespace {

using host::IdFacts;
using host::SubordinateRange;

std::string user_label(const IdFacts& ids, const host::Facts& facts) {
  return ids.user_name.empty() ? cat("uid ", facts.caller.uid) : ids.user_name;
}

// Places `ranges` one after the other from `next` inside on.
void append_ranges(IdMap& map, const std::vector<SubordinateRange>& ranges, std::uint64_t next) {
  for (const SubordinateRange& range : ranges) {
    const std::uint64_t room = kMaxId + 1 > next ? kMaxId + 1 - next : 0;
    const std::uint64_t count = std::min<std::uint64_t>(range.count, room);
    if (count == 0) return;
    map.push_back({.inside = static_cast<Id>(next), .host = range.first, .count = static_cast<Id>(count)});
    next += count;
  }
}

// Root inside is `own`, the ranges follow.
IdMap own_as_root(Id own, const std::vector<SubordinateRange>& ranges) {
  IdMap map = {{.inside = 0, .host = own, .count = 1}};
  append_ranges(map, ranges, 1);
  return map;
}

// `own` keeps its number; the ranges fill the numbers below and above it.
IdMap own_as_itself(Id own, const std::vector<SubordinateRange>& ranges) {
  IdMap map;
  std::uint64_t next = 0;
  for (const SubordinateRange& range : ranges) {
    std::uint64_t first = range.first;
    std::uint64_t left = range.count;
    while (left > 0 && next <= kMaxId) {
      if (next == own) {
        ++next;
        continue;
      }
      const std::uint64_t room = next < own ? own - next : kMaxId + 1 - next;
      const std::uint64_t count = std::min(left, room);
      map.push_back(
          {.inside = static_cast<Id>(next), .host = static_cast<Id>(first), .count = static_cast<Id>(count)});
      next += count;
      first += count;
      left -= count;
    }
  }
  map.push_back({.inside = own, .host = own, .count = 1});
  return map;
}

IdMap one_to_one(const std::vector<SubordinateRange>& own) {
  IdMap map;
  for (const SubordinateRange& range : own) {
    map.push_back({.inside = range.first, .host = range.first, .count = range.count});
  }
  return map;
}

IdMap ranges_from_zero(const std::vector<SubordinateRange>& ranges) {
  IdMap map;
  append_ranges(map, ranges, 0);
  return map;
}

// The caller's ranges can be used: they exist and somebody can write them.
bool has_ranges(const IdFacts& ids) { return !ids.user_ranges.empty() && !ids.group_ranges.empty(); }
bool has_helpers(const IdFacts& ids) { return !ids.newuidmap.empty() && !ids.newgidmap.empty(); }

std::string why_no_ranges(const IdFacts& ids, const host::Facts& facts) {
  if (ids.no_new_privs) return "one id: no_new_privs is set, under which newuidmap cannot gain its rights";
  if (ids.user_ranges.empty()) return cat("one id: /etc/subuid has no range for ", user_label(ids, facts));
  if (ids.group_ranges.empty()) return cat("one id: /etc/subgid has no range for ", user_label(ids, facts));
  if (ids.newuidmap.empty()) return "one id: newuidmap is not installed";
  return "one id: newgidmap is not installed";
}

IdMaps single(const host::Facts& facts, Id inside_user, Id inside_group, std::string why) {
  return IdMaps{.users = {{.inside = inside_user, .host = facts.caller.uid, .count = 1}},
                .groups = {{.inside = inside_group, .host = facts.caller.gid, .count = 1}},
                .why = std::move(why)};
}

IdMaps by_helpers(const IdFacts& ids, IdMap users, IdMap groups, std::string why) {
  return IdMaps{.users = std::move(users),
                .groups = std::move(groups),
                .writer = MapWriter::kHelpers,
                .deny_setgroups = false,
                .newuidmap = ids.newuidmap,
                .newgidmap = ids.newgidmap,
                .why = std::move(why)};
}

IdMaps by_own_rights(const IdFacts& ids, IdMap users, IdMap groups, std::string why) {
  // Below a namespace that gave setgroups up (one id, unshare -r) nobody has it, whatever rights it holds.
  return IdMaps{.users = std::move(users),
                .groups = std::move(groups),
                .deny_setgroups = !ids.may_set_groups,
                .why = std::move(why)};
}

bool may_use_ranges(const IdFacts& ids) { return has_ranges(ids) && has_helpers(ids) && !ids.no_new_privs; }

IdMaps plan_auto(const IdFacts& ids, const host::Facts& facts) {
  if (ids.may_set_ids) {
    if (ids.is_first_namespace && has_ranges(ids)) {
      return by_own_rights(ids, ranges_from_zero(ids.user_ranges), ranges_from_zero(ids.group_ranges),
                           "the machine's root takes its subordinate range");
    }
    return by_own_rights(ids, one_to_one(ids.own_users), one_to_one(ids.own_groups),
                         "the caller has rights over its own map: every id one to one");
  }
  if (!may_use_ranges(ids)) return single(facts, 0, 0, why_no_ranges(ids, facts));
  return by_helpers(ids, own_as_root(facts.caller.uid, ids.user_ranges),
                    own_as_root(facts.caller.gid, ids.group_ranges),
                    "root inside is the caller, the other ids are its subordinate ranges");
}

IdMaps plan_keep(const KeepId& keep, const host::Facts& facts) {
  const Id uid = facts.caller.uid;
  const Id gid = facts.caller.gid;
  if (!keep.with_ranges) return single(facts, uid, gid, "the caller's own ids, and no others");
  const IdFacts& ids = *facts.ids;
  if (ids.may_set_ids) {
    return by_own_rights(ids, one_to_one(ids.own_users), one_to_one(ids.own_groups),
                         "the caller has rights over its own map: every id one to one");
  }
  if (!may_use_ranges(ids)) return single(facts, uid, gid, why_no_ranges(ids, facts));
  return by_helpers(ids, own_as_itself(uid, ids.user_ranges), own_as_itself(gid, ids.group_ranges),
                    "the caller's own ids, the other ids are its subordinate ranges");
}

// Every host id of the map is the caller's own or in one of its ranges; else newuidmap would refuse with less
// to say. `file` is /etc/subuid or /etc/subgid.
Status check_covered(const IdMap& map, Id own, const std::vector<SubordinateRange>& ranges,
                     std::string_view file, const std::string& who, const Origin& origin) {
  for (const IdRange& wanted : map) {
    const std::uint64_t first = wanted.host;
    const std::uint64_t end = first + wanted.count;
    const bool is_own = wanted.count == 1 && wanted.host == own;
    const bool is_covered = std::any_of(ranges.begin(), ranges.end(), [&](const SubordinateRange& range) {
      return first >= range.first && end <= std::uint64_t{range.first} + range.count;
    });
    if (is_own || is_covered) continue;
    return Error(cat("map ", wanted.inside, ":", wanted.host, ":", wanted.count, " (", origin.text, ")"),
                 cat(file, " gives ", who, " no range that holds the host ids ", first, " to ", end - 1));
  }
  return {};
}

Result<IdMaps> plan_explicit(const ExplicitIds& wanted, const Origin& origin, const host::Facts& facts) {
  const IdFacts& ids = *facts.ids;
  if (ids.may_set_ids) return by_own_rights(ids, wanted.users, wanted.groups, "as asked for");
  const auto is_own = [](const IdMap& map, Id own) {
    return map.size() == 1 && map[0].count == 1 && map[0].host == own;
  };
  if (is_own(wanted.users, facts.caller.uid) && is_own(wanted.groups, facts.caller.gid)) {
    return single(facts, wanted.users[0].inside, wanted.groups[0].inside, "as asked for");
  }
  const std::string who = user_label(ids, facts);
  if (Status s = check_covered(wanted.users, facts.caller.uid, ids.user_ranges, "/etc/subuid", who, origin);
      !s) {
    return s.error();
  }
  if (Status s = check_covered(wanted.groups, facts.caller.gid, ids.group_ranges, "/etc/subgid", who, origin);
      !s) {
    const bool means_caller = wanted.users == wanted.groups && is_own(wanted.users, facts.caller.uid);
    if (!means_caller) return s.error();
    const IdRange& own = wanted.users[0];
    return std::move(s.error()).with_hint(cat("your group is ", facts.caller.gid, ", not ", own.host, ": u",
                                              own.inside, ":", own.host, ":1,g", own.inside, ":",
                                              facts.caller.gid, ":1"));
  }
  if (ids.no_new_privs) {
    return Error(cat("use ", origin.text),
                 "no_new_privs is set, under which newuidmap cannot gain its rights")
        .with_hint("use --userns=single, or start kelp without no_new_privs");
  }
  if (!has_helpers(ids)) {
    return Error(cat("use ", origin.text),
                 ids.newuidmap.empty() ? "newuidmap is not installed" : "newgidmap is not installed")
        .with_hint(
            "install it: Debian, Ubuntu: uidmap; Fedora, Alpine: shadow-utils; or use --userns=single");
  }
  return by_helpers(ids, wanted.users, wanted.groups, "as asked for");
}

}  // namespace

Result<IdMaps> plan_ids(const Spec& spec, const host::Facts& facts) {
  Result<IdMaps> maps = std::visit(
      [&](const auto& what) -> Result<IdMaps> {
        using What = std::remove_cvref_t<decltype(what)>;
        if constexpr (std::is_same_v<What, AutoIds>) {
          return plan_auto(*facts.ids, facts);
        } else if constexpr (std::is_same_v<What, SingleId>) {
          return single(facts, what.user, what.group, "as asked for: one id");
        } else if constexpr (std::is_same_v<What, KeepId>) {
          return plan_keep(what, facts);
        } else if constexpr (std::is_same_v<What, ForeignIds>) {
          return IdMaps{.users = {},
                        .groups = {},
                        .writer = MapWriter::kOthers,
                        .ready_fd = what.ready_fd,
                        .why = "somebody else writes them"};
        } else if constexpr (std::is_same_v<What, JoinedIds>) {
          return IdMaps{.users = {},
                        .groups = {},
                        .writer = MapWriter::kNobody,
                        .namespace_fd = what.namespace_fd,
                        .why = "an existing user namespace is entered"};
        } else if constexpr (std::is_same_v<What, OwnIds>) {
          return IdMaps{.users = {},
                        .groups = {},
                        .writer = MapWriter::kNobody,
                        .deny_setgroups = false,
                        .why = "the caller has the rights that it takes"};
        } else {
          return plan_explicit(what, spec.ids.origin, facts);
        }
      },
      spec.ids.map);
  if (maps) maps->origin = spec.ids.origin;
  return maps;
}

std::string text_of(const IdMap& map) {
  std::string text;
  for (const IdRange& range : map) text += cat(range.inside, " ", range.host, " ", range.count, "\n");
  return text;
}

}  // namespace kelp::plan
