// SPDX-License-Identifier: Apache-2.0
// A transient scope of systemd's; see scope.h.
// Runs in: parent.
#include "launch/scope.h"

#include <sys/random.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "host/cgroup_facts.h"
#include "launch/systemd.h"
#include "sys/failure.h"

namespace kelp::launch {
namespace {

Result<std::string> unit_name() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) return sys::failure("find a name for a scope");
  return cat("kelp-", number, ".scope");
}

std::vector<Property> properties_of(const plan::Scope& scope) {
  std::vector<Property> properties = {
      {.name = "Description", .value = std::string("kelp run")},
      // 0: who asks. Our own number may mean nothing to systemd, which may live in another pid namespace.
      {.name = "PIDs", .value = std::vector<std::uint32_t>{0}},
      {.name = "Delegate", .value = true},
      // A scope in which something was killed for want of memory would stay as a failed one.
      {.name = "CollectMode", .value = std::string("inactive-or-failed")},
      {.name = "TasksMax", .value = std::uint64_t{UINT64_MAX}}};
  if (!scope.slice.empty()) properties.push_back({.name = "Slice", .value = scope.slice});
  return properties;
}

}  // namespace

Status enter_scope(const plan::Scope& scope, std::optional<std::uint64_t> deadline_us) {
  const Result<std::string> unit = unit_name();
  if (!unit) return unit.error();
  if (Status s = start_unit(scope.bus_address, *unit, properties_of(scope), deadline_us); !s) return s;
  const std::string own = host::own_cgroup(host::Machine{});
  if (own.ends_with(cat("/", *unit))) return {};
  return Error("get a scope from systemd",
               cat("it made ", *unit, ", but kelp is in ", own.empty() ? "no cgroup that is mounted" : own));
}

}  // namespace kelp::launch
