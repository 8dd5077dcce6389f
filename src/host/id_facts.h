// SPDX-License-Identifier: Apache-2.0
// What the caller may map: its capabilities, its own id map, its subordinate ids and the programs that map
// them. Runs in: parent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "host/accounts.h"
#include "host/facts.h"
#include "host/ranges.h"

namespace kelp::host {

// The ids of our own namespace that a text like /proc/self/uid_map maps. Lines that are none are left out.
Ranges read_id_map(std::string_view text);

// Whether the ranges are all ids: so in the first user namespace.
bool is_every_id(const Ranges& ranges);

// An executable of that name in the directories where distributions put programs, setuid ones among them,
// then in PATH; empty: none.
std::string find_program(const std::string& name);

// `account` is the caller's, where it has been read already.
Result<IdFacts> probe_ids(const Caller& caller, std::optional<Account> account);

}  // namespace kelp::host
