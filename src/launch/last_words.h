// SPDX-License-Identifier: Apache-2.0
// What kelp still writes when its container has ended or was never started: a report, an error, a warning.
// Runs in: parent.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace kelp::launch {

// Writes it all. Who never reads keeps kelp neither from ending by a signal nor beyond the deadline (on the
// clock of clock.h; a second is given in any case). A signal is left waiting, so that it holds for all that
// would be written afterwards.
Status write_last_words(int fd, std::string_view bytes, std::string_view name,
                        std::optional<std::uint64_t> deadline_us = std::nullopt);

}  // namespace kelp::launch
