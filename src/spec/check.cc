// SPDX-License-Identifier: Apache-2.0
// The only door to a CheckedSpec; what it asks of namespaces and names. The other subjects have files of
// their own.
#include "spec/check.h"

#include <iterator>
#include <utility>

#include "base/text.h"
#include "spec/check_parts.h"

namespace kelp {
namespace {

constexpr std::size_t kMaxName = 64;                // __NEW_UTS_LEN
constexpr std::int64_t kMaxOffset = 4'611'686'018;  // half of KTIME_SEC_MAX, the kernel's own bound

void check_name(const Spec& spec, const std::string& name, std::string_view what, const Origin& origin,
                std::vector<Error>& problems) {
  if (name.empty()) return;
  const auto refuse = [&](std::string reason) {
    problems.push_back(Error(cat("set the ", what, " '", name, "'"), std::move(reason)).after(origin.text));
  };
  if (name.size() > kMaxName) refuse(cat("it is longer than ", kMaxName, " bytes"));
  for (const char c : name) {
    if (static_cast<unsigned char>(c) > 0x20 && c != 0x7F) continue;
    refuse("there is a blank or a control character in it");
    break;
  }
  if (!has_own(spec, Namespace::kUts)) refuse("the uts namespace is the host's");
}

}  // namespace

std::string using_of(const Origin& origin, std::string fallback) {
  return origin.text.empty() ? std::move(fallback) : cat("use ", origin.text);
}

bool has_zero_byte(std::string_view text) { return text.find('\0') != std::string_view::npos; }

std::vector<Error> problems_of_namespaces(const Spec& spec) {
  std::vector<Error> problems;
  if (spec.time_offsets) {
    if (!spec.new_namespaces.has(Namespace::kTime)) {
      problems.emplace_back("shift the clocks", "the time namespace is the host's");
    }
    for (const std::int64_t seconds : {spec.time_offsets->monotonic_s, spec.time_offsets->boottime_s}) {
      if (seconds > kMaxOffset || seconds < -kMaxOffset) {
        problems.emplace_back(cat("shift a clock by ", seconds, " s"),
                              cat("the greatest shift is ", kMaxOffset));
      }
    }
  }
  if (spec.loopback_up && !spec.new_namespaces.has(Namespace::kNetwork)) {
    problems.emplace_back("bring the loopback interface up", "the network namespace is the host's");
  }
  check_name(spec, spec.hostname, "host name", spec.origins.hostname, problems);
  check_name(spec, spec.domainname, "domain name", spec.origins.domainname, problems);
  return problems;
}

Result<CheckedSpec> check(Spec spec) {
  std::vector<Error> problems;
  for (const auto find : {problems_of_root, problems_of_namespaces, problems_of_network, problems_of_ids,
                          problems_of_mounts, problems_of_command, problems_of_seccomp, problems_of_resources,
                          problems_of_scheduling, problems_of_foreign}) {
    std::vector<Error> found = find(spec);
    problems.insert(problems.end(), std::make_move_iterator(found.begin()),
                    std::make_move_iterator(found.end()));
  }
  if (!problems.empty()) return Error::all_of(std::move(problems));
  return CheckedSpec(std::move(spec));
}

}  // namespace kelp
