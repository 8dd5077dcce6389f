// SPDX-License-Identifier: Apache-2.0
// The checks of doctor that are about ids; see id_checks.h.
// Runs in: parent.
#include "host/id_checks.h"

#include <cerrno>
#include <utility>

#include "base/text.h"
#include "host/id_facts.h"
#include "host/range_causes.h"

namespace kelp::host {
namespace {

std::uint64_t sum_of(const std::vector<SubordinateRange>& ranges) {
  std::uint64_t sum = 0;
  for (const SubordinateRange& range : ranges) sum += range.count;
  return sum;
}

Finding ids_of_the_privileged(const IdFacts& ids, const Machine& machine) {
  if (ids.is_first_namespace) {
    if (!ids.user_ranges.empty() && !ids.group_ranges.empty()) return ok("root has a range of its own");
    Finding finding = less(Condition::kLimited, "root inside is root outside, ids are mapped one to one",
                           no_ranges(machine));
    return finding;
  }
  const std::uint64_t count = sum_of(ids.own_users);
  if (count > 1) return ok(cat("all ", count, " ids of this user namespace, one to one"));
  return {.condition = Condition::kMissing,
          .fact = "one id only",
          .why = "the user namespace around us has only one",
          .mend = "start the outer container with a range of ids"};
}

}  // namespace

Finding ok(std::string fact) {
  return {.condition = Condition::kOk, .fact = std::move(fact), .why = {}, .mend = {}};
}

Finding less(Condition condition, std::string fact, std::optional<Cause> cause) {
  Finding finding{.condition = condition, .fact = std::move(fact), .why = {}, .mend = {}};
  if (cause) {
    finding.why = std::move(cause->why);
    finding.mend = std::move(cause->mend);
  }
  return finding;
}

Finding check_no_new_privs(const Situation& at) {
  if (at.facts.ids && !at.facts.ids->no_new_privs) return ok("not set on kelp itself");
  // Whoever may set ids needs no helper that would have to gain rights.
  if (at.facts.ids && at.facts.ids->may_set_ids) return ok("set, which does not matter here");
  return less(Condition::kMissing, "set: a container has one id only", under_no_new_privs(at.machine));
}

Finding check_subordinate_ids(const Situation& at) {
  const IdFacts& ids = *at.facts.ids;
  Finding finding;
  if (ids.may_set_ids) {
    finding = ids_of_the_privileged(ids, at.machine);
  } else if (ids.user_ranges.empty() || ids.group_ranges.empty()) {
    finding = less(Condition::kMissing, "none: a container has one id only", no_ranges(at.machine));
  } else {
    finding = ok(cat(sum_of(ids.user_ranges), " users and ", sum_of(ids.group_ranges), " groups for ",
                     printable(ids.user_name.empty() ? at.machine.user : ids.user_name)));
  }
  for (const std::string& warning : ids.warnings)
    finding.why += cat(finding.why.empty() ? "" : "; ", printable(warning));
  return finding;
}

Finding check_id_helpers(const Situation& at) {
  const IdFacts& ids = *at.facts.ids;
  if (ids.may_set_ids) return ok("not needed: this process may set ids itself");
  if (ids.newuidmap.empty() || ids.newgidmap.empty()) {
    return less(Condition::kMissing, "not installed: a container has one id only", no_helpers(at.machine));
  }
  // no_new_privs has an item of its own.
  const std::optional<Cause> cause = ids.no_new_privs ? std::nullopt : helper_gains_nothing(at.machine);
  if (cause && *cause != no_ranges(at.machine).value_or(Cause{})) {
    return less(Condition::kMissing, "they cannot gain the rights that they need", cause);
  }
  return ok(cat(printable(ids.newuidmap), " and ", printable(ids.newgidmap)));
}

Finding check_file_capabilities(const Situation& at) {
  if (at.facts.caller.uid != 0) return ok("not needed: only root maps its own uid 0");
  if (at.facts.ids->may_set_file_capabilities) return ok("CAP_SETFCAP is there");
  return less(Condition::kMissing, "CAP_SETFCAP is not there", find_cause(Failed::kIdMap, EPERM, at.machine));
}

}  // namespace kelp::host
