// SPDX-License-Identifier: Apache-2.0
// The conditions of a rule; see seccomp_conditions.h.
#include "formats/seccomp_conditions.h"

#include <algorithm>

#include "base/text.h"

namespace kelp::formats {
namespace {

#if defined(__x86_64__)
constexpr std::string_view kThisMachine = "amd64";
constexpr std::string_view kThisArchitecture = "SCMP_ARCH_X86_64";
#elif defined(__aarch64__)
constexpr std::string_view kThisMachine = "arm64";
constexpr std::string_view kThisArchitecture = "SCMP_ARCH_AARCH64";
#else
constexpr std::string_view kThisMachine = "";
constexpr std::string_view kThisArchitecture = "";
#endif

// The one minKernel of the profiles in use: since then ptrace cannot evade a filter. kelp needs a newer one
// anyway.
constexpr std::string_view kOldKernel = "4.8";

struct Match {
  bool all = true;
  bool any = false;

  void add(bool is_so) {
    all = all && is_so;
    any = any || is_so;
  }
};

Status match_capabilities(const Json& list, const JsonPlace& at, const ProfilePlace& place, Match& match) {
  Result<std::vector<std::string>> names = texts_of(list, at);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    const auto mask = read_capability(name);
    if (!mask) return at.wrong(cat("'", name, "' is no capability"));
    match.add((place.capabilities & *mask) == *mask);
  }
  return {};
}

Result<Match> match(const Json& object, const JsonPlace& at, const ProfilePlace& place) {
  if (Status s = check_keys(object, at, {"caps", "arches", "minKernel"}); !s) return s.error();
  Match out;
  if (const Json* caps = member(object, "caps"); caps != nullptr) {
    if (Status s = match_capabilities(*caps, at.member("caps"), place, out); !s) return s.error();
  }
  if (const Json* arches = member(object, "arches"); arches != nullptr) {
    Result<std::vector<std::string>> names = texts_of(*arches, at.member("arches"));
    if (!names) return names.error();
    if (!names->empty()) out.add(std::find(names->begin(), names->end(), kThisMachine) != names->end());
  }
  if (const Json* kernel = member(object, "minKernel"); kernel != nullptr) {
    if (*kernel != kOldKernel)
      return at.member("minKernel").wrong("kelp knows 4.8 only, which the usual profiles ask for");
    out.add(true);
  }
  return out;
}

}  // namespace

std::string_view this_architecture() { return kThisArchitecture; }

Result<bool> applies(const Json& rule, const JsonPlace& at, const ProfilePlace& place) {
  if (const Json* includes = member(rule, "includes"); includes != nullptr) {
    Result<Match> found = match(*includes, at.member("includes"), place);
    if (!found) return found.error();
    if (!found->all) return false;
  }
  if (const Json* excludes = member(rule, "excludes"); excludes != nullptr) {
    Result<Match> found = match(*excludes, at.member("excludes"), place);
    if (!found) return found.error();
    if (found->any) return false;
  }
  return true;
}

}  // namespace kelp::formats
