// SPDX-License-Identifier: Apache-2.0
// Where kelp-oci's containers are kept; see oci_place.h.
#include "verbs/oci_place.h"

#include <cerrno>
#include <utility>

#include "verbs/user_store.h"

namespace kelp::verbs {

Result<state::Store> open_store(const oci::Arguments& arguments) {
  if (!arguments.root) return open_user_store(kOfOci);
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
