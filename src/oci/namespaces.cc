// SPDX-License-Identifier: Apache-2.0
// linux.namespaces, the id maps and what else belongs to a namespace: the host's names and the clocks
// (config-linux.md, "Namespaces" to "Offset for Time Namespace").
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "oci/id_maps.h"
#include "oci/sections.h"

namespace kelp::oci {
namespace {

constexpr auto kTypes = std::to_array<std::pair<std::string_view, Namespace>>({
    {"pid", Namespace::kPid},
    {"network", Namespace::kNetwork},
    {"mount", Namespace::kMount},
    {"ipc", Namespace::kIpc},
    {"uts", Namespace::kUts},
    {"user", Namespace::kUser},
    {"cgroup", Namespace::kCgroup},
    {"time", Namespace::kTime},
});

std::optional<Namespace> kind_of(std::string_view type) {
  for (const auto& [name, kind] : kTypes) {
    if (name == type) return kind;
  }
  return std::nullopt;
}

// Which kinds are named at all.
class Named {
 public:
  bool add(Namespace kind) { return !std::exchange(named_.at(static_cast<std::size_t>(kind)), true); }
  bool has(Namespace kind) const { return named_.at(static_cast<std::size_t>(kind)); }

 private:
  std::array<bool, kTypes.size()> named_ = {};
};

Named read_list(const Section& linux, Draft& draft) {
  Spec& spec = draft.config.spec;
  Named named;
  for (const Section& one : linux.objects("namespaces")) {
    const std::string type = one.needed_text("type");
    const auto kind = kind_of(type);
    if (!kind) {
      if (!type.empty()) one.refuse("type", cat("'", type, "' is no kind of namespace"));
      continue;
    }
    if (!named.add(*kind)) one.refuse("type", cat("'", type, "' comes twice"));
    const std::string path = one.text("path").value_or("");
    if (path.empty()) {
      spec.new_namespaces.add(*kind);
      continue;
    }
    if (!path.starts_with('/')) one.refuse("path", cat("'", path, "' is not absolute"));
    if (*kind == Namespace::kMount) one.refuse("path", "kelp mounts in a mount namespace of its own only");
    spec.joined_namespaces.push_back({.kind = *kind, .path = path, .origin = {one.path()}});
  }
  return named;
}

}  // namespace

void read_namespaces(const Section& linux, Draft& draft) {
  Spec& spec = draft.config.spec;
  const Named named = read_list(linux, draft);
  if (!named.has(Namespace::kMount))
    linux.refuse("namespaces",
                 "there is no 'mount' among them, and kelp mounts in a mount namespace of its own only");
  spec.origins.namespaces = {"linux.namespaces"};
  // As every runtime does: a new network has its loopback device up.
  spec.loopback_up = spec.new_namespaces.has(Namespace::kNetwork);

  const std::optional<ExplicitIds> maps = id_maps_of(linux, "uidMappings", "gidMappings");
  spec.ids.origin = {linux.path_of("uidMappings")};
  if (joins(spec, Namespace::kUser)) {
    spec.ids = {.map = OwnIds{}, .origin = {"linux.namespaces"}};
  } else if (!named.has(Namespace::kUser) && draft.around.has_rights) {
    spec.ids.map = OwnIds{};
    if (maps) linux.refuse("uidMappings", "linux.namespaces has no 'user', and nothing is mapped");
  } else if (maps) {
    spec.ids.map = *maps;
  } else {
    spec.ids = {.map = AutoIds{}, .origin = {}};
  }
}

}  // namespace kelp::oci
