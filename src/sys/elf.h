// SPDX-License-Identifier: Apache-2.0
// What an ELF file says about itself to the kernel and to the dynamic loader (elf(5)): who interprets it,
// which libraries it needs and where they are to be looked for. Nothing of the file is trusted: every
// offset, size and count is checked, and memory is bounded whatever the file claims.
// Runs in: parent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kelp::sys {

// What two files must agree on to be mapped into one process.
struct ElfAbi {
  bool is_64 = false;
  bool is_big_endian = false;
  std::uint16_t machine = 0;  // EM_* of elf.h
  bool operator==(const ElfAbi&) const = default;
};

struct Elf {
  ElfAbi abi;
  bool is_loadable = false;  // a program or a shared library (ET_EXEC, ET_DYN), not an object file or a core
  std::string interpreter;   // PT_INTERP; empty: static, or a library
  std::string soname;
  std::vector<std::string> needed;     // DT_NEEDED, in the order of the file
  std::optional<std::string> rpath;    // DT_RPATH as written: with $ORIGIN and colons
  std::optional<std::string> runpath;  // DT_RUNPATH
  bool skips_default_places = false;   // DF_1_NODEFLIB
};

// Whether the file begins as ELF files do. An unreadable file is an error, a short one is not.
Result<bool> begins_as_elf(int fd, std::string_view name);

// fd: a regular file open for reading; its offset is not used. `name` is only for the message.
Result<Elf> read_elf(int fd, std::string_view name);

}  // namespace kelp::sys
