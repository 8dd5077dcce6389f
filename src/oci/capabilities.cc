// SPDX-License-Identifier: Apache-2.0
// process.capabilities. What the kernel does not know, or cannot give, is a warning and no error: so says the
// specification (config.md, "Linux Process").
#include "spec/capabilities.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "oci/process.h"

namespace kelp::oci {
namespace {

CapabilityMask set_of(const Section& capabilities, const char* key, std::vector<std::string>& warnings) {
  CapabilityMask mask = 0;
  for (const std::string& name : capabilities.texts(key)) {
    if (const auto known = capability_of(name)) {
      mask |= *known;
    } else {
      warnings.push_back(cat(capabilities.path_of(key), ": '", name, "' is no capability"));
    }
  }
  return mask;
}

}  // namespace

std::optional<CapabilityMask> capability_of(std::string_view name) {
  // read_capability() is for people, who may say "all" and leave the prefix out.
  if (!name.starts_with("CAP_") || name == "CAP_ALL") return std::nullopt;
  return read_capability(name);
}

void trim_capabilities(CapabilitySets& sets, CapabilityMask there, std::vector<std::string>& warnings) {
  const auto trim = [&](CapabilityMask& set, CapabilityMask most, std::string_view name,
                        std::string_view why) {
    const CapabilityMask lost = set & ~most;
    if (lost != 0)
      warnings.push_back(cat("process.capabilities.", name, ": without ", capability_names(lost), ": ", why));
    set &= most;
  };
  constexpr std::string_view kNotHad = "the caller does not have it";
  trim(sets.bounding, there, "bounding", kNotHad);
  trim(sets.permitted, there, "permitted", kNotHad);
  trim(sets.inheritable, there, "inheritable", kNotHad);
  trim(sets.effective, sets.permitted, "effective", "it is not permitted");
  trim(sets.ambient, sets.permitted & sets.inheritable, "ambient", "it is not permitted and inheritable");
}

void read_capabilities(const Section& process, Command& command, std::vector<std::string>& warnings) {
  CapabilitySets sets;
  if (const Section capabilities = process.object("capabilities")) {
    sets = {.bounding = set_of(capabilities, "bounding", warnings),
            .effective = set_of(capabilities, "effective", warnings),
            .permitted = set_of(capabilities, "permitted", warnings),
            .inheritable = set_of(capabilities, "inheritable", warnings),
            .ambient = set_of(capabilities, "ambient", warnings)};
  }
  command.capabilities.sets = sets;
}

}  // namespace kelp::oci
