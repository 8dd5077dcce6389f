// SPDX-License-Identifier: Apache-2.0
// Root emulation: where there is one, and the file that helps apt, which verifies what it became.
#include <algorithm>

#include "base/text.h"
#include "plan/steps.h"

namespace kelp::plan {
namespace {

bool is_only(const IdMap& map, Id inside) {
  return map.size() == 1 && map[0].count == 1 && map[0].inside == inside;
}

// A name is looked up inside, later; nobody but root is called root.
bool runs_as_root(const Command& command, const IdMaps& ids) {
  if (command.keep_own_ids) return is_only(ids.users, 0);
  const auto* name = std::get_if<std::string>(&command.user.user);
  return name != nullptr ? *name == "root" : std::get<Id>(command.user.user) == 0;
}

// The first /dev of kelp's own, unless a later mount covers it.
const Devices* own_devices(const Spec& spec) {
  const auto devices = std::find_if(spec.mounts.begin(), spec.mounts.end(), [](const Mount& mount) {
    return std::holds_alternative<Devices>(mount.what);
  });
  if (devices == spec.mounts.end()) return nullptr;
  const std::string& dev = destination_of(*devices);
  const bool is_covered = std::any_of(devices + 1, spec.mounts.end(),
                                      [&](const Mount& later) { return destination_of(later) == dev; });
  return is_covered ? nullptr : &std::get<Devices>(devices->what);
}

std::string last_value(const Environment& environment, std::string_view name) {
  std::string value;
  for (const std::string& entry : environment.entries) {
    if (entry.starts_with(name)) value = entry.substr(name.size());
  }
  return value;
}

}  // namespace

bool is_only_root(const IdMaps& ids) { return is_only(ids.users, 0) && is_only(ids.groups, 0); }

bool emulates_root(const Spec& spec, const IdMaps& ids) {
  switch (spec.fake_root.mode) {
    case FakeRootMode::kOff: return false;
    case FakeRootMode::kSimple:
    case FakeRootMode::kConsistent: return true;
    case FakeRootMode::kAuto: break;
  }
  const bool is_alone = spec.fake_root.is_where_root_is_alone || is_only_root(ids);
  return is_alone && runs_as_root(spec.command, ids) && !spec.command.new_privileges;
}

std::optional<WriteFile> apt_settings(const Spec& spec, const IdMaps& ids) {
  const Devices* devices = own_devices(spec);
  const Environment& environment = spec.command.environment;
  if (devices == nullptr || !environment.from_root || !emulates_root(spec, ids)) return std::nullopt;
  std::string content =
      "// kelp: with one id apt cannot become _apt (kelp-fakeroot(7)).\nAPT::Sandbox::User \"root\";\n";
  if (const std::string own = last_value(environment, kAptVariable); !own.empty()) {
    // apt knows no way to write such a name; the caller's variable stays then.
    if (own.find_first_of("\"\n") != std::string::npos) return std::nullopt;
    content += cat("#include \"", own, "\";\n");
  }
  return WriteFile{.to = cat(devices->to, "/kelp-apt.conf"), .content = std::move(content), .mode = 0444};
}

}  // namespace kelp::plan
