// SPDX-License-Identifier: Apache-2.0
// The caller's account; see accounts.h.
// Runs in: parent.
#include "host/accounts.h"

#include <vector>

#include "base/text.h"
#include "host/lines.h"
#include "sys/failure.h"

namespace kelp::host {
namespace {

std::string absolute_or_empty(std::string_view path) {
  return path.starts_with('/') ? std::string(path) : std::string();
}

}  // namespace

std::optional<Account> read_account(std::string_view line, std::uint32_t uid) {
  // name:password:uid:gid:comment:home:shell. Most lines are somebody else's, so the third field comes first.
  const std::size_t name_end = line.find(':');
  if (name_end == std::string_view::npos || name_end == 0) return std::nullopt;
  const std::size_t password_end = line.find(':', name_end + 1);
  if (password_end == std::string_view::npos) return std::nullopt;
  const std::string_view rest = line.substr(password_end + 1);
  if (read_decimal(rest.substr(0, rest.find(':')), UINT32_MAX) != uid) return std::nullopt;
  const std::vector<std::string_view> fields = split(rest, ':');
  return Account{.name = std::string(line.substr(0, name_end)),
                 .home = fields.size() > 3 ? absolute_or_empty(fields[3]) : std::string()};
}

Result<std::optional<Account>> account_in_file(const std::string& path, std::uint32_t uid) {
  std::optional<Account> nobody;
  Result<LineReader> lines = LineReader::open(path);
  if (!lines && sys::is_shortage(lines.error().code())) return lines.error();
  if (!lines) return nobody;
  while (const std::optional<Line> line = lines->next()) {
    if (std::optional<Account> account = read_account(line->text, uid)) return account;
  }
  if (sys::is_shortage(lines->error())) return sys::failure(cat("read ", path), lines->error());
  return nobody;
}

}  // namespace kelp::host
