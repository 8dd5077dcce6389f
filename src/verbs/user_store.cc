// SPDX-License-Identifier: Apache-2.0
// The directories of a user's containers; see user_store.h.
#include "verbs/user_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "base/text.h"
#include "sys/files.h"

namespace kelp::verbs {
namespace {

bool is_own_directory(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == ::geteuid();
}

std::string default_root(std::string_view kind) {
  if (is_root_of_machine()) return cat("/run/kelp/", kind);
  const char* const variable = std::getenv("XDG_RUNTIME_DIR");
  if (variable != nullptr && variable[0] == '/' && is_own_directory(variable))
    return cat(variable, "/kelp/", kind);
  const std::string usual = cat("/run/user/", ::geteuid());
  if (is_own_directory(usual)) return cat(usual, "/kelp/", kind);
  return cat("/tmp/kelp-", ::geteuid(), "/", kind);
}

// What lies in a directory of everybody's may be somebody else's, with ours in it.
Status check_around(const std::string& root) {
  if (!root.starts_with("/tmp/")) return {};
  const Result<state::Store> around = state::Store::open(root.substr(0, root.rfind('/')));
  if (!around) return around.error();
  return {};
}

}  // namespace

bool is_root_of_machine() {
  if (::geteuid() != 0) return false;
  const Result<std::string> map = sys::read_proc("/proc/self/uid_map");
  return map && map->find("4294967295") != std::string::npos;
}

Result<state::Store> open_user_store(std::string_view kind) {
  const std::string root = default_root(kind);
  if (Status s = check_around(root); !s) return s.error();
  return state::Store::open(root);
}

}  // namespace kelp::verbs
