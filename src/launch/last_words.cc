// SPDX-License-Identifier: Apache-2.0
// What kelp writes to readers who may never come; see last_words.h.
// Runs in: parent.
#include "launch/last_words.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/text.h"
#include "launch/clock.h"
#include "launch/patience.h"
#include "launch/signals.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::launch {
namespace {

constexpr std::uint64_t kGraceUs = 1'000'000;

// Nothing: there is room. Else why it is not waited for any longer.
Status wait_for_reader(int fd, int signals_fd, std::optional<std::uint64_t> end_us) {
  std::array<pollfd, 2> entries = {
      {{.fd = fd, .events = POLLOUT, .revents = 0}, {.fd = signals_fd, .events = POLLIN, .revents = 0}}};
  for (;;) {
    const int count = ::poll(entries.data(), entries.size(), milliseconds_until(end_us));
    if (count < 0 && errno != EINTR) return sys::failure("wait for a reader");
    if (count > 0 && entries[0].revents != 0) return {};
    if (count > 0) return Error("wait for a reader", "interrupted by a signal");
    if (end_us && now_us() >= *end_us) return Error("wait for a reader", "nobody reads");
  }
}

}  // namespace

std::string_view write_while_taken(int fd, std::string_view bytes, std::string_view name) {
  while (!bytes.empty()) {
    const Result<std::size_t> written = sys::write_at_once(fd, bytes, name);
    if (!written) return {};
    if (*written == 0) break;
    bytes.remove_prefix(*written);
  }
  return bytes;
}

std::optional<std::uint64_t> end_of_last_words(std::optional<std::uint64_t> deadline_us) {
  if (!deadline_us) return std::nullopt;
  return std::max(*deadline_us, now_us() + kGraceUs);
}

Status write_last_words(int fd, std::string_view bytes, std::string_view name,
                        std::optional<std::uint64_t> deadline_us) {
  sys::UniqueFd signals;
  while (!bytes.empty()) {
    const Result<std::size_t> written = sys::write_at_once(fd, bytes, name);
    if (!written) return written.error();
    bytes.remove_prefix(*written);
    if (bytes.empty()) break;
    if (!signals.valid()) {
      Result<sys::UniqueFd> watched = watch_for_the_end();
      if (!watched) return watched.error();
      signals = std::move(*watched);
    }
    if (const Status s = wait_for_reader(fd, signals.get(), deadline_us); !s)
      return Error(cat("write ", name), s.error().reason());
  }
  return {};
}

}  // namespace kelp::launch
