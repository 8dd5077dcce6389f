// SPDX-License-Identifier: Apache-2.0
// The process that made a call and waits: its memory, and its paths as it sees them itself.
// The working directory of the supervisor is the container's proc, whatever is mounted on /proc since; its
// root is that of whoever it looked for last, so that absolute paths and links lead where they lead the
// caller. Runs in: child (the supervisor).
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "owners/calls.h"
#include "sys/unique_fd.h"

namespace kelp::owners {

struct Caller {
  int listener_fd = -1;
  std::uint64_t id = 0;  // of its call
  pid_t thread = 0;
  // Opened before all else: it stays the caller's when its number has become another's.
  sys::UniqueFd memory = {};
  int memory_error = 0;
};
Caller caller_of(int listener_fd, std::uint64_t id, pid_t thread);

// Whether it still waits: what was opened by its number in proc before is its own then, and no successor's.
bool still_waits(const Caller& caller);

struct Found {
  sys::UniqueFd fd;        // O_PATH
  int error = 0;           // where there is none: what the kernel would say
  bool is_hidden = false;  // nobody may look into the caller (a kelp before its exec)
};
// The file that the call is about.
Found find(const Caller& caller, const Call& call);

// Where something is to be made: its directory, and the name in there.
struct Place {
  Found directory;
  std::string name;  // empty: there is something already, a directory
};
Place find_place(const Caller& caller, const Call& call);

// Writes into the caller's memory; gives errno, 0: done.
int put(const Caller& caller, std::uint64_t address, const void* bytes, std::size_t size);

mode_t umask_of(const Caller& caller);

// Back to the root of PID 1, wherever the last caller's was: ours would keep its mount busy.
void leave_its_root();

// A path to what a descriptor of ours leads to, for calls that take nothing else.
std::string own_path(int fd);

}  // namespace kelp::owners
