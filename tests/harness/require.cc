// SPDX-License-Identifier: Apache-2.0
// Answers from the environment that the runner has set.
#include "harness/require.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "harness/run.h"

namespace kelp::harness {

std::string_view identity() {
  const char* name = std::getenv("KELP_TEST_AS");
  if (name) return name;
  return geteuid() == 0 ? "root" : "user";
}

bool is_ci() { return std::getenv("KELP_TEST_CI") != nullptr; }

bool has_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (access((folder + "/" + name).c_str(), X_OK) == 0) return true;
  return false;
}

bool is_one_of(std::initializer_list<std::string_view> identities) {
  return std::ranges::find(identities, identity()) != identities.end();
}

bool may_write_kelp() {
  constexpr uid_t kUnmapped = 65534;  // overflowuid: who it really is cannot be seen, so kelp takes no chance
  struct stat info{};
  if (::stat(kelp_binary().c_str(), &info) != 0) return false;
  return info.st_uid == ::geteuid() || (info.st_uid == kUnmapped && is_one_of({"nested"}));
}

}  // namespace kelp::harness
