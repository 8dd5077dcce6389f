// SPDX-License-Identifier: Apache-2.0
// Small files and pipes, read with a bound and written whole. Paths below a container's root do not belong
// here: those go through resolve.h.
// Runs in: both.
#pragma once

#include <fcntl.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/unique_fd.h"

namespace kelp::sys {

// open(2) with O_CLOEXEC added.
Result<UniqueFd> open_file(const std::string& path, int flags, mode_t mode = 0);
Result<UniqueFd> open_at(int dir_fd, const std::string& name, int flags, mode_t mode = 0);

// All bytes of a regular file or a pipe, at most max; more is an error (EFBIG), so that a hostile or
// endless file costs a bounded amount. `name` is only for the message.
Result<std::string> read_all(int fd, std::size_t max, std::string_view name);
// As read_all; refuses what is not a regular file (a FIFO would block, a device has side effects).
Result<std::string> read_file(const std::string& path, std::size_t max);
// Of a file in /proc, whose size is told as 0.
Result<std::string> read_proc(const std::string& path, std::size_t max = 1U << 20U);

// Writes all bytes, through short writes and interruptions.
Status write_all(int fd, std::string_view bytes, std::string_view name);

// Writes what can be written without waiting for a reader, and tells how much that is; 0: nothing. Where the
// kernel cannot be asked for this (before 6.4) a pipe is opened anew, or, if it may not be, it goes by
// poll(2), which does not know of others that write to the same pipe at this moment. A terminal is opened
// anew for it; one that may not be, somebody else's for instance, may keep us waiting once it is nearly full.
Result<std::size_t> write_at_once(int fd, std::string_view bytes, std::string_view name);
// Opens an existing file and writes text by one write(2): what /proc files want.
Status write_file(const std::string& path, std::string_view text);

// The target of a symbolic link.
Result<std::string> read_link(int dir_fd, const std::string& path);

// The current directory as an absolute path; empty where it has none: it was removed, or lies outside our
// root.
std::string working_directory();

// "/proc/self/fd/N": a descriptor as a path, for interfaces that take nothing else.
std::string proc_path(int fd);

}  // namespace kelp::sys
