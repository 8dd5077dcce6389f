// SPDX-License-Identifier: Apache-2.0
// The names of the resource limits.
#include "spec/limits.h"

#include <sys/resource.h>

#include <array>
#include <cctype>
#include <utility>

namespace kelp {
namespace {

constexpr std::array<std::pair<std::string_view, int>, 16> kNames = {{
    {"as", RLIMIT_AS},
    {"core", RLIMIT_CORE},
    {"cpu", RLIMIT_CPU},
    {"data", RLIMIT_DATA},
    {"fsize", RLIMIT_FSIZE},
    {"locks", RLIMIT_LOCKS},
    {"memlock", RLIMIT_MEMLOCK},
    {"msgqueue", RLIMIT_MSGQUEUE},
    {"nice", RLIMIT_NICE},
    {"nofile", RLIMIT_NOFILE},
    {"nproc", RLIMIT_NPROC},
    {"rss", RLIMIT_RSS},
    {"rtprio", RLIMIT_RTPRIO},
    {"rttime", RLIMIT_RTTIME},
    {"sigpending", RLIMIT_SIGPENDING},
    {"stack", RLIMIT_STACK},
}};

}  // namespace

std::optional<int> read_limit_name(std::string_view name) {
  std::string lower;
  for (const char c : name) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::string_view wanted = lower;
  if (wanted.starts_with("rlimit_")) wanted.remove_prefix(7);
  for (const auto& [known, resource] : kNames) {
    if (known == wanted) return resource;
  }
  return std::nullopt;
}

std::string_view limit_name(int resource) {
  for (const auto& [known, number] : kNames) {
    if (number == resource) return known;
  }
  return "?";
}

std::vector<std::string_view> limit_names() {
  std::vector<std::string_view> names;
  names.reserve(kNames.size());
  for (const auto& [known, resource] : kNames) names.push_back(known);
  return names;
}

}  // namespace kelp
