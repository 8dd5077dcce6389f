// SPDX-License-Identifier: Apache-2.0
// resources.devices: which devices may be opened or made (config-linux.md, "Allowed Device list").
#include <algorithm>
#include <array>
#include <iterator>

#include "base/text.h"
#include "oci/resource_files.h"

namespace kelp::oci {
namespace {

// What every container has (config-linux.md, "Default Devices"), its terminals, and making nodes at all,
// which is the matter of CAP_MKNOD.
const std::vector<DeviceRule>& usual_rules() {
  static const std::vector<DeviceRule> rules = {
      {.allow = true, .type = 'c', .access = "m"},
      {.allow = true, .type = 'b', .access = "m"},
      {.allow = true, .type = 'c', .major = 1, .minor = 3},
      {.allow = true, .type = 'c', .major = 1, .minor = 5},
      {.allow = true, .type = 'c', .major = 1, .minor = 7},
      {.allow = true, .type = 'c', .major = 1, .minor = 8},
      {.allow = true, .type = 'c', .major = 1, .minor = 9},
      {.allow = true, .type = 'c', .major = 5, .minor = 0},
      {.allow = true, .type = 'c', .major = 5, .minor = 2},
      {.allow = true, .type = 'c', .major = 136},
  };
  return rules;
}

DeviceRule rule_of(const Section& section) {
  DeviceRule rule;
  if (!section.has("allow")) section.refuse("allow", "it is missing");
  rule.allow = section.flag("allow").value_or(false);
  const std::string type = section.text("type").value_or("");
  if (type == "b" || type == "c") {
    rule.type = type.front();
  } else if (!type.empty() && type != "a") {
    section.refuse("type", cat("'", type, "' is none of a, b and c"));
  }
  // -1 is every one, too.
  rule.major = section.integer("major", -1, UINT32_MAX).value_or(-1);
  rule.minor = section.integer("minor", -1, UINT32_MAX).value_or(-1);
  const std::string access = section.text("access").value_or("");
  if (access.find_first_not_of("rwm") != std::string::npos)
    section.refuse("access", cat("'", access, "' is not made of r, w and m"));
  if (!access.empty()) rule.access = access;
  return rule;
}

}  // namespace

void read_device_rules(const Section& resources, CgroupSettings& into) {
  const std::vector<Section> sections = resources.objects("devices");
  if (sections.empty()) return;
  std::transform(sections.begin(), sections.end(), std::back_inserter(into.devices), rule_of);
  into.devices.insert(into.devices.end(), usual_rules().begin(), usual_rules().end());
}

}  // namespace kelp::oci
