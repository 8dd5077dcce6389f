// SPDX-License-Identifier: Apache-2.0
// What kelp writes to readers who may never come, around the time in which its container runs: a plan, an
// error, a warning, a report.
// Runs in: parent.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace kelp::launch {

// Writes what is taken at once, and gives back the rest. What can be written no more is dropped.
std::string_view write_while_taken(int fd, std::string_view bytes, std::string_view name);

// Until when kelp's last words may take, all of them together: the deadline, but a second from now in any
// case. Both on the clock of clock.h; nothing: for ever.
std::optional<std::uint64_t> end_of_last_words(std::optional<std::uint64_t> deadline_us);

// Writes it all. Who never reads keeps kelp neither from ending by a signal nor beyond the deadline. A signal
// is left waiting, so that it holds for all that would be written afterwards.
Status write_last_words(int fd, std::string_view bytes, std::string_view name,
                        std::optional<std::uint64_t> deadline_us = std::nullopt);

}  // namespace kelp::launch
