// SPDX-License-Identifier: Apache-2.0
// Who interprets a file that is about to be executed: the program after `#!`, or the ELF interpreter.
// Runs in: child.
#pragma once

#include <string>

#include "base/result.h"

namespace kelp::child {

// Empty for neither, and for a file that may not be read. An error: there was no memory, descriptor or disk
// to read it. It looks at the first page only: the kernel reads no more of a script (BINPRM_BUF_SIZE), and
// linkers put the program headers and PT_INTERP there. sys/elf.h reads all.
Result<std::string> interpreter_of(const std::string& path);

}  // namespace kelp::child
