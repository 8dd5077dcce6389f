// SPDX-License-Identifier: Apache-2.0
// The parts of check(), by subject. Each returns every problem that it finds; none looks at the machine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "spec/spec.h"

namespace kelp {

std::vector<Error> problems_of_namespaces(const Spec& spec);
std::vector<Error> problems_of_network(const Spec& spec);
std::vector<Error> problems_of_ids(const Spec& spec);
std::vector<Error> problems_of_root(const Spec& spec);
std::vector<Error> problems_of_mounts(const Spec& spec);
std::vector<Error> problems_of_command(const Spec& spec);
std::vector<Error> problems_of_seccomp(const Spec& spec);
std::vector<Error> problems_of_resources(const Spec& spec);
std::vector<Error> problems_of_scheduling(const Spec& spec);
std::vector<Error> problems_of_foreign(const Spec& spec);

// Whether a namespace of this kind is not the caller's: new, or joined.
bool has_own(const Spec& spec, Namespace kind);

// "use -v /a:b" where the user typed it, else the fallback ("mount a tmpfs on /b").
std::string using_of(const Origin& origin, std::string fallback);

// C strings end at a zero byte: what follows it would silently be lost.
bool has_zero_byte(std::string_view text);

}  // namespace kelp
