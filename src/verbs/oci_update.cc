// SPDX-License-Identifier: Apache-2.0
// `kelp-oci update`: other limits for a container that is there.
#include <unistd.h>

#include "base/text.h"
#include "launch/managed_cgroup.h"
#include "oci/edited.h"
#include "sys/files.h"
#include "verbs/oci_bundle.h"
#include "verbs/oci_place.h"
#include "verbs/oci_verbs.h"
#include "verbs/start_spec.h"

namespace kelp::verbs {
namespace {

constexpr std::size_t kMostResources = 1U << 20U;
constexpr std::string_view kAction = "change the container's limits";

Result<std::optional<std::string>> resources_text(const oci::Arguments& arguments) {
  if (!arguments.resources) return std::optional<std::string>();
  Result<std::string> text = *arguments.resources == "-"
                                 ? sys::read_all(STDIN_FILENO, kMostResources, "standard input")
                                 : sys::read_file(*arguments.resources, kMostResources);
  if (!text) return text.error();
  return std::optional<std::string>(std::move(*text));
}

// The same reader and the same plan as at the creation, of which only the cgroup's settings are used.
Result<plan::Plan> plan_of(const OciCall& call, const Found& found) {
  const Result<std::optional<std::string>> resources = resources_text(call.arguments);
  if (!resources) return resources.error();
  Result<oci::Surroundings> around = surroundings_of(call.arguments, found.record.bundle, Stay::kOnItsOwn);
  if (!around) return around.error();
  around->cgroup_manager =
      found.record.cgroup_manager == "systemd" ? CgroupManager::kSystemd : CgroupManager::kFiles;
  const Result<std::string> saved = found.entry.read_config();
  if (!saved) return saved.error();
  const Result<std::string> text = oci::config_for_update(*saved, call.arguments, *resources);
  if (!text) return text.error();
  Result<oci::Config> config = oci::read_config(*text, *around);
  if (!config) return config.error();
  return make_plan(std::move(config->spec));
}

}  // namespace

Result<int> oci_update(const OciCall& call) {
  const Result<Found> found = find_container(call.arguments);
  if (!found) return found.error();
  if (found->status == state::LifeStatus::kStopped) return not_running();
  if (found->record.cgroup.empty())
    return Error(std::string(kAction),
                 "it has no cgroup of its own (--cgroup-manager=disabled, or none is delegated)");
  const Result<plan::Plan> plan = plan_of(call, *found);
  if (!plan) return plan.error();
  if (!plan->managed_cgroup) return Error(std::string(kAction), "no cgroup2 is mounted");
  if (Status s = launch::change_managed_cgroup(found->record.cgroup, *plan->managed_cgroup); !s)
    return s.error();
  return 0;
}

}  // namespace kelp::verbs
