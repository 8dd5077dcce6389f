// SPDX-License-Identifier: Apache-2.0
// Waiting while a container starts, without ever being deaf: for something to read or to end, for signals and
// for --timeout.
// Runs in: parent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "launch/start.h"

namespace kelp::launch {

// How long poll(2) may wait; -1: for ever.
int milliseconds_until(std::optional<std::uint64_t> deadline_us);

// Whether a read would give something, or the end, at once.
Result<bool> may_be_read(int fd);

enum class Stage { kSettingUp, kExecuting };

// Waits until one of the descriptors can be read, has come to its end, or is the pidfd of a process that has
// ended, and tells which is the first such. -1 is none.
//
// A signal that would have ended kelp, and --timeout, end the start: set-up may hang on a dead file server or
// on a pipe that nobody fills. Other signals are kept for the command, and those too once it may run already;
// but where it then still does not run a moment later, or such a signal comes again, it is the start that
// hangs, and it is ended. An error: the container's process has been killed and waited for.
Result<std::size_t> wait_for_any(std::span<const int> fds, Stage stage, Running& running);

// Writes it all, waiting in the same way for whoever reads, while the container is set up. The end of the
// container's process is an error; it is then still to be waited for.
Status write_patiently(int fd, std::string_view bytes, std::string_view name, Running& running);

// The same as wait_for_any() where no start is to be ended: half a minute at most, deaf to signals.
Result<std::size_t> wait_a_while(std::span<const int> fds);

}  // namespace kelp::launch
