// SPDX-License-Identifier: Apache-2.0
// What bubblewrap says: its callers look for these sentences. And what it writes to status descriptors.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "spec/spec.h"

namespace kelp::bwrap {

// The failure of a start, without "bwrap: " in front and a line end.
std::string sentence(const Error& error, const Spec& spec);
// Why, where kelp knows more than the sentence says; empty: it does not.
std::string better_reason(const Error& error);

// Names of /proc/PID/ns and their inodes, of the namespaces that are new.
using NamespaceIds = std::vector<std::pair<std::string_view, std::uint64_t>>;
// The object for --info-fd.
std::string birth_document(int pid, const NamespaceIds& ids);
// The lines for --json-status-fd.
std::string birth_line(int pid, const NamespaceIds& ids);
std::string end_line(int status);

}  // namespace kelp::bwrap
