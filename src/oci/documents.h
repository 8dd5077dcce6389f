// SPDX-License-Identifier: Apache-2.0
// What `features` and `spec` print (features.md; features-linux.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kelp::oci {

struct FeaturesFacts {
  std::string version;      // kelp's own
  bool has_seccomp = true;  // profiles can be compiled: libseccomp is there
  bool has_systemd = true;  // its library is there
};

// Indented, with a newline at its end.
std::string features_document(const FeaturesFacts& facts);

// A config.json to begin with: a shell in `rootfs`. For who is not root: with a user namespace that maps the
// one id, and nothing that needs more.
struct DefaultUser {
  bool is_rootless = false;
  std::uint32_t user = 0;  // of the host
  std::uint32_t group = 0;
};
std::string default_config(const DefaultUser& user);

}  // namespace kelp::oci
