// SPDX-License-Identifier: Apache-2.0
// config.json as tests write it: the parts that matter, around what every one needs.
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "oci/config.h"

namespace kelp::oci {

// As an ordinary user's; the bundle is /bundle.
inline Surroundings surroundings() { return {.bundle = "/bundle", .id = "c1"}; }

// As root's in its own user namespace.
inline Surroundings roots() { return {.bundle = "/bundle", .id = "c1", .has_rights = true}; }

// `process`, `linux` and `rest` are the members of those objects, and further members of the top.
struct Parts {
  std::string process = {};
  std::string linux = {};
  std::string rest = {};
  std::string namespaces = R"([{"type": "mount"}, {"type": "pid"}])";
};

inline std::string config_json(const Parts& parts) {
  const auto after = [](const std::string& more) { return more.empty() ? "" : cat(", ", more); };
  return cat(R"({"ociVersion": "1.3.0", "root": {"path": "rootfs"}, "process": {"args": ["sh"], "cwd": "/")",
             after(parts.process), R"(}, "linux": {"namespaces": )", parts.namespaces, after(parts.linux),
             "}", after(parts.rest), "}");
}

inline Config read(const Parts& parts, const Surroundings& around = surroundings()) {
  Result<Config> config = read_config(config_json(parts), around);
  EXPECT_TRUE(config) << config_json(parts) << '\n' << (config ? "" : config.error().sentence());
  return config ? *std::move(config) : Config{};
}

// Every problem of a document, without the words that all have in common.
inline std::vector<std::string> refusals_of(std::string_view json,
                                            const Surroundings& around = surroundings()) {
  const Result<Config> config = read_config(json, around);
  if (config) return {};
  std::vector<std::string> out = {config.error().reason()};
  for (const Error& other : config.error().others()) out.push_back(other.reason());
  return out;
}
inline std::vector<std::string> refusals(const Parts& parts, const Surroundings& around = surroundings()) {
  return refusals_of(config_json(parts), around);
}

}  // namespace kelp::oci
