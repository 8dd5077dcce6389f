// SPDX-License-Identifier: Apache-2.0
// What the dynamic loaders of glibc and musl have compiled in: default directories, what $LIB and $PLATFORM
// stand for, which names are no files. The search itself is in library_search.h.
// Runs in: parent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sys/elf.h"

namespace kelp::sys {

enum class Libc { kGlibc, kMusl };

Libc libc_of(const Elf& elf);

// Where the loader looks last (musl: as its path file says). Each distribution compiles in its own; all of
// them are named, and the files found there decide.
std::vector<std::string> default_directories(const Elf& elf);

// "/etc/ld-musl-x86_64.path" for a program of musl.
std::string musl_path_file(const Elf& elf);

// Names that musl's loader answers itself (musl, ldso/dynlink.c, load_library).
bool is_within_musl(std::string_view name);

// The directories that one element of DT_RPATH or DT_RUNPATH means; several for $LIB. None for an empty or
// relative one: it means the working directory, which is nobody's to say here.
std::vector<std::string> expand_element(std::string_view element, const std::string& origin,
                                        const ElfAbi& abi);

}  // namespace kelp::sys
