// SPDX-License-Identifier: Apache-2.0
// linux.sysctl: a closed list, of what a namespace of the container's own has. Everything else is the
// machine's.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "oci/sections.h"

namespace kelp::oci {
namespace {

// Those of ipc_namespaces(7).
constexpr auto kOfIpc = std::to_array<std::string_view>({
    "kernel.msgmax",
    "kernel.msgmnb",
    "kernel.msgmni",
    "kernel.sem",
    "kernel.shmall",
    "kernel.shmmax",
    "kernel.shmmni",
    "kernel.shm_rmid_forced",
});

std::optional<Namespace> namespace_of(std::string_view name) {
  if (name.starts_with("net.")) return Namespace::kNetwork;
  if (name.starts_with("fs.mqueue.")) return Namespace::kIpc;
  if (name == "kernel.domainname") return Namespace::kUts;
  if (std::find(kOfIpc.begin(), kOfIpc.end(), name) != kOfIpc.end()) return Namespace::kIpc;
  return std::nullopt;
}

// With the dots that sysctl(8) has between the parts: where a slash comes first they are slashes, and a dot
// is one of a device's name ("net/ipv4/conf/eth0.7/forwarding").
std::string dotted(std::string name) {
  const std::size_t first = name.find_first_of("./");
  if (first == std::string::npos || name[first] == '.') return name;
  for (char& c : name) {
    if (c == '/') {
      c = '.';
    } else if (c == '.') {
      c = '/';
    }
  }
  return name;
}

bool is_plain_name(std::string_view name) {
  for (const std::string_view part : split(name, '.')) {
    if (part.empty() || part == "/" || part == "//") return false;
  }
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-/:@").find(c) != std::string_view::npos;
  });
}

// A line more would be another setting to whoever reads line by line.
bool is_plain_value(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
  });
}

}  // namespace

void read_sysctls(const Section& linux, Draft& draft) {
  Spec& spec = draft.config.spec;
  const Section section = linux.object("sysctl");
  linux.each_text("sysctl", [&](const std::string& key, const std::string& value) {
    const std::string name = dotted(key);
    const std::optional<Namespace> kind = namespace_of(name);
    if (name == "kernel.hostname") {
      section.refuse(key, "the member 'hostname' of the whole is for that");
    } else if (!kind || !is_plain_name(name)) {
      section.refuse(key, "it is none that a namespace has for itself");
    } else if (!spec.new_namespaces.has(*kind) && !joins(spec, *kind)) {
      section.refuse(key, cat("the ", namespace_name(*kind), " namespace is the machine's"));
    } else if (!is_plain_value(value)) {
      section.refuse(key, "there is a control character in the value");
    } else {
      spec.sysctls.push_back({.name = name, .value = value, .origin = {section.path_of(key)}});
    }
  });
}

}  // namespace kelp::oci
