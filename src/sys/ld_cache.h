// SPDX-License-Identifier: Apache-2.0
// The loader's cache of libraries, /etc/ld.so.cache, in the format that glibc writes since 2.2
// ("glibc-ld.so.cache1.1"; glibc, sysdeps/generic/dl-cache.h). Text in, value out.
// Runs in: parent.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kelp::sys {

// Name of a library -> its paths, best first. Several: other architectures, told apart by reading the files.
// Variants for special processors (glibc-hwcaps) are left out: a root must run on every machine.
using LdCache = std::map<std::string, std::vector<std::string>, std::less<>>;

// Refuses what is damaged as a whole; entries that point outside of it are skipped.
Result<LdCache> read_ld_cache(std::string_view bytes);

}  // namespace kelp::sys
