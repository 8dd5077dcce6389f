// SPDX-License-Identifier: Apache-2.0
// The environment by flags: -e, --env-file.
#include "cli/environment.h"

#include "base/text.h"

namespace kelp::cli {
namespace {

std::string_view name_of(std::string_view entry) { return entry.substr(0, entry.find('=')); }

}  // namespace

std::optional<std::string_view> variable(const Surroundings& around, std::string_view name) {
  for (const std::string_view entry : around.environment) {
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') {
      return entry.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

Status add_variable(std::string_view value, const Surroundings& around, const std::string& typed,
                    std::vector<std::string>& entries) {
  const std::string_view name = name_of(value);
  if (name.empty()) return Error(cat("read ", typed), "the name of the variable is empty");
  if (name.find('\0') != std::string_view::npos || value.find('\0') != std::string_view::npos) {
    return Error(cat("read ", typed), "a variable cannot hold a zero byte");
  }
  if (name.size() < value.size()) {
    entries.emplace_back(value);
    return {};
  }
  if (!name.ends_with('*')) {
    if (const auto own = variable(around, name)) entries.push_back(cat(name, '=', *own));
    return {};
  }
  for (const std::string_view entry : around.environment) {
    // The caller's environment may hold anything: entries without a name, or without a value, are no
    // variables.
    const std::string_view own = name_of(entry);
    if (!own.empty() && own.size() < entry.size() && matches_prefix_pattern(own, name))
      entries.emplace_back(entry);
  }
  return {};
}

Status add_variables_of_file(std::string_view content, const Surroundings& around, const std::string& typed,
                             std::vector<std::string>& entries) {
  static constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (content.starts_with(kByteOrderMark)) content.remove_prefix(kByteOrderMark.size());
  std::size_t number = 0;
  for (std::string_view line : split(content, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos || line[start] == '#') continue;
    line.remove_prefix(start);
    const std::string where = cat("line ", number, " of ", typed);
    if (name_of(line).find_first_of(" \t") != std::string_view::npos) {
      return Error(cat("read ", where), "there is a blank in the name of a variable");
    }
    if (Status s = add_variable(line, around, where, entries); !s) return s;
  }
  return {};
}

}  // namespace kelp::cli
