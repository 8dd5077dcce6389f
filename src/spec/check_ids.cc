// SPDX-License-Identifier: Apache-2.0
// What check() asks of id maps and users (user_namespaces(7), "User and group ID mappings").
#include <algorithm>
#include <cstdint>
#include <variant>

#include "base/text.h"
#include "spec/check_parts.h"

namespace kelp {
namespace {

constexpr std::size_t kMaxRanges = 340;  // UID_GID_MAP_MAX_EXTENTS

std::string text_of(const IdRange& range) { return cat(range.inside, ':', range.host, ':', range.count); }

// Whether two ranges share an id on the side that `start` picks; says which, or nothing.
std::string overlap(IdMap map, Id IdRange::* start) {
  std::sort(map.begin(), map.end(), [&](const IdRange& a, const IdRange& b) { return a.*start < b.*start; });
  for (std::size_t i = 1; i < map.size(); ++i) {
    const std::uint64_t end = std::uint64_t{map[i - 1].*start} + map[i - 1].count;
    if (map[i].*start < end) return cat(text_of(map[i - 1]), " and ", text_of(map[i]));
  }
  return {};
}

std::vector<Error> problems_of_map(const IdMap& map, std::string_view whose, const std::string& action) {
  std::vector<Error> problems;
  if (map.empty()) problems.emplace_back(action, cat("no id of a ", whose, " is mapped"));
  if (map.size() > kMaxRanges) {
    problems.emplace_back(action, cat("these are more than ", kMaxRanges, " ranges of ", whose, "s"));
  }
  for (const IdRange& range : map) {
    if (range.count == 0) problems.emplace_back(action, cat(text_of(range), " maps nothing"));
    for (const Id start : {range.inside, range.host}) {
      if (std::uint64_t{start} + range.count <= kMaxId + 1) continue;
      problems.emplace_back(action, cat(text_of(range), " runs past ", kMaxId, ", the greatest id"));
      break;
    }
  }
  if (const std::string both = overlap(map, &IdRange::inside); !both.empty()) {
    problems.emplace_back(action, cat(both, " overlap inside, for ", whose, "s"));
  }
  if (const std::string both = overlap(map, &IdRange::host); !both.empty()) {
    problems.emplace_back(action, cat(both, " overlap on the host, for ", whose, "s"));
  }
  return problems;
}

bool is_mapped(const IdMap& map, Id id) {
  return std::any_of(map.begin(), map.end(), [&](const IdRange& range) {
    return id >= range.inside && id - range.inside < range.count;
  });
}

// Whether the id exists inside, where the Spec alone tells.
bool may_exist(const Ids& ids, Id id, IdMap ExplicitIds::* side) {
  if (const auto* single = std::get_if<SingleId>(&ids.map))
    return id == (side == &ExplicitIds::users ? single->user : single->group);
  const auto* given = std::get_if<ExplicitIds>(&ids.map);
  return given == nullptr || is_mapped(given->*side, id);
}

void check_user(const Spec& spec, std::vector<Error>& problems) {
  const User& user = spec.command.user;
  if (spec.command.groups == Groups::kKeep && !user.origin.text.empty()) {
    problems.emplace_back("keep your groups",
                          cat("it contradicts ", user.origin.text, ": they are not that user's"));
  }
  if (spec.command.keep_own_ids) return;
  const auto refuse = [&](std::string_view what, Id id) {
    Error error(using_of(user.origin, cat("run as ", what, ' ', id)),
                cat("no ", what, ' ', id, " is mapped", spec.ids.origin.text.empty() ? "" : " by ",
                    spec.ids.origin.text));
    if (user.origin.text.empty()) error = std::move(error).with_hint("-u USER says who to be inside");
    problems.push_back(std::move(error));
  };
  const auto* id = std::get_if<Id>(&user.user);
  if (id != nullptr && !may_exist(spec.ids, *id, &ExplicitIds::users)) refuse("user", *id);
  for (const Id listed : spec.command.listed_groups) {
    if (!may_exist(spec.ids, listed, &ExplicitIds::groups)) refuse("group", listed);
  }
  const auto* group = user.group ? std::get_if<Id>(&*user.group) : nullptr;
  if (group != nullptr && !may_exist(spec.ids, *group, &ExplicitIds::groups)) refuse("group", *group);
}

}  // namespace

std::vector<Error> problems_of_ids(const Spec& spec) {
  std::vector<Error> problems;
  bool is_sound = true;
  if (const auto* given = std::get_if<ExplicitIds>(&spec.ids.map)) {
    const std::string action = using_of(spec.ids.origin, "map ids");
    problems = problems_of_map(given->users, "user", action);
    // What was said for both is told once.
    if (given->groups != given->users) {
      for (Error& error : problems_of_map(given->groups, "group", action))
        problems.push_back(std::move(error));
    }
    is_sound = problems.empty();
  }
  if (is_sound) check_user(spec, problems);
  return problems;
}

}  // namespace kelp
