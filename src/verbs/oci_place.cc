// SPDX-License-Identifier: Apache-2.0
// Where kelp-oci's containers are kept; see oci_place.h.
#include "verbs/oci_place.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "base/text.h"
#include "sys/files.h"

namespace kelp::verbs {
namespace {

bool is_own_directory(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == ::geteuid();
}

std::string default_root() {
  if (is_root_of_machine()) return "/run/kelp/oci";
  const char* const variable = std::getenv("XDG_RUNTIME_DIR");
  if (variable != nullptr && variable[0] == '/' && is_own_directory(variable))
    return cat(variable, "/kelp/oci");
  const std::string usual = cat("/run/user/", ::geteuid());
  if (is_own_directory(usual)) return cat(usual, "/kelp/oci");
  return cat("/tmp/kelp-", ::geteuid(), "/oci");
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

Result<state::Store> open_store(const oci::Arguments& arguments) {
  if (!arguments.root) {
    const std::string root = default_root();
    if (Status s = check_around(root); !s) return s.error();
    return state::Store::open(root);
  }
  if (arguments.root->empty()) return oci::refusal("--root needs a directory");
  return state::Store::open(*arguments.root);
}

Result<Found> find_container(const oci::Arguments& arguments) {
  const Result<state::Store> store = open_store(arguments);
  if (!store) return store.error();
  Result<state::Entry> entry = store->find(arguments.id);
  if (!entry && entry.error().code() == ENOENT) return no_container();
  if (!entry) return entry.error();
  Result<std::optional<state::Record>> record = entry->read();
  if (!record) return record.error();
  if (!*record) return no_container();
  const state::LifeStatus status = state::status_of(*entry, **record);
  return Found{.entry = std::move(*entry), .record = std::move(**record), .status = status};
}

Error no_container() { return oci::refusal("container does not exist"); }
Error id_is_taken() { return oci::refusal("container with given ID already exists"); }
Error not_running() { return oci::refusal("container not running"); }

}  // namespace kelp::verbs
