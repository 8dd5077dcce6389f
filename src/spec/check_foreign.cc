// SPDX-License-Identifier: Apache-2.0
// What check() asks of namespaces that are joined, of settings that belong to a namespace, and of network
// devices that are moved into one.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "spec/check_parts.h"

namespace kelp {
namespace {

constexpr std::size_t kMaxDeviceName = 15;  // IFNAMSIZ - 1

// As dev_valid_name() in net/core/dev.c; '%' would have the kernel choose a number.
std::string trouble_with_device(const std::string& name) {
  if (name.empty()) return "its name is empty";
  if (name.size() > kMaxDeviceName) return cat("'", name, "' is longer than ", kMaxDeviceName, " bytes");
  if (name == "." || name == "..") return cat("'", name, "' is no name of a device");
  const bool is_fine = std::all_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7F && c != '/' && c != ':' && c != '%';
  });
  return is_fine ? "" : cat("'", name, "' is no name of a device");
}

void check_devices(const Spec& spec, std::vector<Error>& problems) {
  std::set<std::string> names;
  for (const MovedNetDevice& device : spec.net_devices) {
    const auto refuse = [&](std::string why) {
      if (why.empty()) return;
      problems.emplace_back(using_of(device.origin, cat("move the network device '", device.host_name, "'")),
                            std::move(why));
    };
    refuse(trouble_with_device(device.host_name));
    if (device.name != device.host_name) refuse(trouble_with_device(device.name));
    if (!names.insert(device.name).second) refuse(cat("'", device.name, "' comes twice inside"));
    if (!has_own(spec, Namespace::kNetwork)) refuse("the network namespace is the host's");
  }
}

}  // namespace

bool has_own(const Spec& spec, Namespace kind) {
  return spec.new_namespaces.has(kind) ||
         std::any_of(spec.joined_namespaces.begin(), spec.joined_namespaces.end(),
                     [&](const JoinedNamespace& joined) { return joined.kind == kind; });
}

std::vector<Error> problems_of_foreign(const Spec& spec) {
  std::vector<Error> problems;
  for (const JoinedNamespace& joined : spec.joined_namespaces) {
    if (joined.path.empty() || has_zero_byte(joined.path)) {
      problems.emplace_back(
          using_of(joined.origin, cat("join the ", namespace_name(joined.kind), " namespace")),
          "it has no file");
    }
  }
  for (const Sysctl& sysctl : spec.sysctls) {
    if (has_zero_byte(sysctl.name) || has_zero_byte(sysctl.value))
      problems.emplace_back(using_of(sysctl.origin, "set a sysctl"), "there is a zero byte in it");
  }
  check_devices(spec, problems);
  return problems;
}

}  // namespace kelp
