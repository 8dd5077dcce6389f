// SPDX-License-Identifier: Apache-2.0
// What the flags of `kelp run` about the process do: time, descriptors, limits, environment files.
#include <array>
#include <cstdint>

#include "base/text.h"
#include "cli/draft.h"
#include "cli/environment.h"
#include "cli/values.h"

namespace kelp::cli {
namespace {

// More descriptors than any kernel default lets a process have are a slip, and would eat memory.
constexpr std::size_t kMaxPreserved = 65536;

std::optional<std::uint64_t> read_limit(std::string_view text) {
  if (text == "unlimited" || text == "-1") return kUnlimited;
  return read_decimal(text, kUnlimited - 1);
}

}  // namespace

Status apply_timeout(Draft& draft, const Given& given) {
  const auto milliseconds = read_duration_ms(*given.value);
  if (!milliseconds)
    return Error(cat("read ", given.typed), cat("'", *given.value, "' is no time (90, 1.5s, 10m, 500ms)"));
  draft.request.spec.command.timeout_ms = milliseconds;
  return {};
}

bool is_container_name(std::string_view text) {
  constexpr std::string_view kFirst = "abcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::string_view kLater = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
  constexpr std::size_t kLongest = 64;
  return !text.empty() && text.size() <= kLongest && kFirst.find(text[0]) != std::string_view::npos &&
         text.find_first_not_of(kLater) == std::string_view::npos;
}

Status apply_container_name(Draft& draft, const Given& given) {
  if (!is_container_name(*given.value))
    return Error(cat("read ", given.typed),
                 cat("'", *given.value, "' is no name: a-z, 0-9 and, behind the first, _ . -; 64 at most"));
  draft.request.name = *given.value;
  return {};
}

Status apply_fds(Draft& draft, const Given& given) {
  std::vector<int>& fds = draft.request.spec.command.preserved_fds;
  for (const std::string_view part : split(*given.value, ',')) {
    const std::size_t dash = part.find('-');
    const auto first = read_fd(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : read_fd(part.substr(dash + 1));
    if (!first || !last) {
      return Error(cat("read ", given.typed),
                   cat("'", part, "' is neither a descriptor nor a range of them (3-5)"));
    }
    if (*last < *first) return Error(cat("read ", given.typed), cat("the range '", part, "' runs backwards"));
    if (static_cast<std::size_t>(*last - *first) + fds.size() >= kMaxPreserved) {
      return Error(cat("read ", given.typed), cat("these are more than ", kMaxPreserved, " descriptors"));
    }
    for (std::int64_t fd = *first; fd <= *last; ++fd) fds.push_back(static_cast<int>(fd));
  }
  return {};
}

Status apply_limit(Draft& draft, const Given& given) {
  const std::string_view value = *given.value;
  const std::size_t equals = value.find('=');
  const std::string_view name = value.substr(0, equals);
  const auto resource = read_limit_name(name);
  if (!resource) {
    std::string known;
    for (const std::string_view one : limit_names()) known += cat(known.empty() ? "" : " ", one);
    return Error(cat("read ", given.typed), cat("'", name, "' is no limit (", known, ")"));
  }
  if (equals == std::string_view::npos) {
    return Error(cat("read ", given.typed), "the value is missing")
        .with_hint(cat("--ulimit ", name, "=SOFT[:HARD]"));
  }
  const std::string_view numbers = value.substr(equals + 1);
  const std::size_t colon = numbers.find(':');
  const auto soft = read_limit(numbers.substr(0, colon));
  const auto hard = colon == std::string_view::npos ? soft : read_limit(numbers.substr(colon + 1));
  if (!soft || !hard) {
    return Error(cat("read ", given.typed),
                 cat("'", numbers, "' is not SOFT[:HARD] in numbers or 'unlimited'"));
  }
  draft.request.spec.command.limits.push_back(
      {.resource = *resource, .soft = *soft, .hard = *hard, .origin = {given.typed}});
  return {};
}

Status apply_env_file(Draft& draft, const Given& given) {
  if (!draft.around.read_file) return Error(cat("read ", given.typed), "no file can be read here");
  Result<std::string> content = draft.around.read_file(*given.value);
  if (!content) return std::move(content.error()).after(cat("for ", given.typed));
  return add_variables_of_file(*content, draft.around, given.typed, draft.env_of_files);
}

}  // namespace kelp::cli
