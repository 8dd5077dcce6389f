// SPDX-License-Identifier: Apache-2.0
// The command's environment and capabilities; see process.h.
#include "bwrap/process.h"

#include <cctype>

#include "base/text.h"

namespace kelp::bwrap {
namespace {

void unset(std::vector<std::string>& environment, const std::string& name) {
  std::erase_if(environment, [&](const std::string& entry) {
    return entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=';
  });
}

bool is_name(const std::string& name) { return !name.empty() && name.find('=') == std::string::npos; }

// "cap_chown" in any case, or "ALL".
Result<CapabilityMask> capability(Draft& draft, const std::string& name) {
  if (name == "ALL") return draft.around.user == 0 ? draft.around.capabilities : all_capabilities();
  std::string prefix = name.substr(0, 4);
  for (char& c : prefix) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const std::optional<CapabilityMask> mask = prefix == "cap_" ? read_capability(name) : std::nullopt;
  if (!mask) return refusal(cat("unknown cap: ", name));
  return *mask;
}

}  // namespace

Status set_variable(Draft& draft, Values values) {
  if (!is_name(values[0])) return refusal("setenv failed");
  std::vector<std::string>& environment = draft.spec().command.environment.entries;
  unset(environment, values[0]);
  environment.push_back(cat(values[0], "=", values[1]));
  return {};
}

Status unset_variable(Draft& draft, Values values) {
  if (!is_name(values[0])) return refusal("unsetenv failed");
  unset(draft.spec().command.environment.entries, values[0]);
  return {};
}

Status clear_environment(Draft& draft, Values /*values*/) {
  draft.spec().command.environment.entries.clear();
  return {};
}

Status add_capability(Draft& draft, Values values) {
  const Result<CapabilityMask> mask = capability(draft, values[0]);
  if (!mask) return mask.error();
  draft.names_capabilities = true;
  draft.spec().command.capabilities.root |= *mask;
  return {};
}

Status drop_capability(Draft& draft, Values values) {
  const Result<CapabilityMask> mask = capability(draft, values[0]);
  if (!mask) return mask.error();
  draft.names_capabilities = true;
  CapabilityMask& have = draft.spec().command.capabilities.root;
  have = values[0] == "ALL" ? 0 : have & ~*mask;
  return {};
}

}  // namespace kelp::bwrap
