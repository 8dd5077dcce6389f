// SPDX-License-Identifier: Apache-2.0
// A bundle as a command is given it: its directory, its config.json as text and as a Spec.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "oci/arguments.h"
#include "oci/config.h"
#include "oci/surroundings.h"

namespace kelp::verbs {

enum class Stay { kWithUs, kOnItsOwn };

// What the caller is, on this machine, whatever it has asked for.
Result<oci::Surroundings> surroundings_of_machine(std::string bundle, std::string id);
// The same, and that; `bundle` is absolute.
Result<oci::Surroundings> surroundings_of(const oci::Arguments& arguments, std::string bundle, Stay stay);

struct Bundle {
  std::string path;  // absolute
  std::string text;  // of its configuration
  oci::Config config;
};
Result<Bundle> read_bundle(const oci::Arguments& arguments, Stay stay);

// "/a/b" for "b" in /a.
std::string absolute_path(const std::string& path);

// 3 … of --preserve-fds, and those of LISTEN_FDS; one that is not open is an error.
Result<std::vector<int>> preserved_fds(const oci::Arguments& arguments);
// What a service with sockets is told of them: LISTEN_FDS, LISTEN_PID.
std::vector<std::string> socket_variables();

// Whose it is, for the table of `list`.
std::string owner_name();

}  // namespace kelp::verbs
