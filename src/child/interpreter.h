// SPDX-License-Identifier: Apache-2.0
// Who interprets a file that is about to be executed: the program after `#!`, or the ELF interpreter.
// Runs in: child.
#pragma once

#include <string>

namespace kelp::child {

// Empty for neither, and for a file that cannot be read. It looks at the first page only: the kernel reads no
// more of a script (BINPRM_BUF_SIZE), and linkers put the program headers and PT_INTERP there. sys/elf.h
// reads all.
std::string interpreter_of(const std::string& path);

}  // namespace kelp::child
