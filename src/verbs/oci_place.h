// SPDX-License-Identifier: Apache-2.0
// Where kelp-oci's containers are kept, and one of them as a command finds it.
#pragma once

#include <string>

#include "base/result.h"
#include "oci/arguments.h"
#include "state/entry.h"
#include "state/life.h"
#include "state/record.h"
#include "state/store.h"

namespace kelp::verbs {

// --root, else the user's (user_store.h).
Result<state::Store> open_store(const oci::Arguments& arguments);

// A container whose record could be read.
struct Found {
  state::Entry entry;
  state::Record record;
  state::LifeStatus status;
};
Result<Found> find_container(const oci::Arguments& arguments);

// What runc calls them: engines look for these words.
Error no_container();
Error id_is_taken();
Error not_running();

}  // namespace kelp::verbs
