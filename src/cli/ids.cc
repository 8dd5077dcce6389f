// SPDX-License-Identifier: Apache-2.0
// The values of --userns and --user.
#include "cli/ids.h"

#include <optional>
#include <variant>

#include "base/text.h"

namespace kelp::cli {
namespace {

constexpr std::string_view kShape = "INSIDE:HOST:COUNT";

Result<IdRange> read_range(std::string_view text, const std::string& typed) {
  const std::vector<std::string_view> numbers = split(text, ':');
  if (numbers.size() != 3) return Error(cat("read ", typed), cat("'", text, "' is not ", kShape));
  const auto inside = read_decimal(numbers[0], kMaxId);
  const auto host = read_decimal(numbers[1], kMaxId);
  const auto count = read_decimal(numbers[2], kMaxId + 1);
  if (!inside || !host || !count) {
    return Error(cat("read ", typed), cat("'", text, "' holds something that is no id (0 to ", kMaxId, ")"));
  }
  return IdRange{
      .inside = static_cast<Id>(*inside), .host = static_cast<Id>(*host), .count = static_cast<Id>(*count)};
}

Result<ExplicitIds> read_map(std::string_view value, const std::string& typed) {
  ExplicitIds map;
  for (std::string_view entry : split(value, ',')) {
    const bool is_users = entry.starts_with('u');
    const bool is_groups = entry.starts_with('g');
    if (is_users || is_groups) entry.remove_prefix(1);
    Result<IdRange> range = read_range(entry, typed);
    if (!range) return range.error();
    if (!is_groups) map.users.push_back(*range);
    if (!is_users) map.groups.push_back(*range);
  }
  return map;
}

using IdOrName = std::variant<Id, std::string>;

Result<IdOrName> read_id_or_name(std::string_view text, std::string_view what, const std::string& typed) {
  if (text.empty()) return Error(cat("read ", typed), cat("the ", what, " is empty"));
  if (text.find_first_not_of("0123456789") == std::string_view::npos) {
    const auto id = read_decimal(text, kMaxId);
    if (!id) return Error(cat("read ", typed), cat("'", text, "' is no id: the greatest is ", kMaxId));
    return IdOrName(static_cast<Id>(*id));
  }
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7F || c == ':' || c == '/' || c == ',') {
      return Error(cat("read ", typed), cat("'", text, "' cannot be the name of a ", what));
    }
  }
  if (text[0] == '-' || text[0] == '+') {
    return Error(cat("read ", typed), cat("'", text, "' is neither a number nor the name of a ", what));
  }
  return IdOrName(std::string(text));
}

}  // namespace

Result<Ids> read_userns(std::string_view value, const std::string& typed) {
  if (value == "auto") return Ids{.map = AutoIds{}, .origin = {typed}};
  if (value == "single") return Ids{.map = SingleId{}, .origin = {typed}};
  if (value == "keep-id") return Ids{.map = KeepId{}, .origin = {typed}};
  if (value == "host") {
    return Error(cat("use ", typed), "without a user namespace of its own a container needs root")
        .with_hint("--userns=keep-id keeps your own ids");
  }
  const std::string_view first = value.substr(0, 1);
  if (first.empty() || first.find_first_of("0123456789ug") == std::string_view::npos) {
    return Error(cat("read ", typed),
                 cat("'", value, "' is neither auto, single, keep-id nor ", kShape, ",..."));
  }
  Result<ExplicitIds> map = read_map(value, typed);
  if (!map) return map.error();
  return Ids{.map = *std::move(map), .origin = {typed}};
}

Result<User> read_user(std::string_view value, const std::string& typed) {
  const std::size_t colon = value.find(':');
  Result<IdOrName> user = read_id_or_name(value.substr(0, colon), "user", typed);
  if (!user) return user.error();
  User out{.user = *std::move(user), .group = std::nullopt, .origin = {typed}};
  if (colon == std::string_view::npos) return out;
  Result<IdOrName> group = read_id_or_name(value.substr(colon + 1), "group", typed);
  if (!group) return group.error();
  out.group = *std::move(group);
  return out;
}

}  // namespace kelp::cli
