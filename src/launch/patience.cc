// SPDX-License-Identifier: Apache-2.0
// Waiting while a container starts; see patience.h.
// Runs in: parent.
#include "launch/patience.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "launch/clock.h"
#include "launch/signals.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::launch {
namespace {

// An exec is over long before, unless it hangs on a dead file server, or somebody else holds the report pipe
// open and the command runs long since.
constexpr std::uint64_t kMomentUs = 2'000'000;
constexpr std::uint64_t kLongestWhileUs = 30'000'000;

Error give_up(Running& running, std::string reason, int status) {
  running.process.signal(SIGKILL);
  (void)running.process.wait();
  return Error("start the container", std::move(reason)).with_status(status);
}

Error interrupted(Running& running, int signal) {
  ::kill(::getpid(), signal);  // it is blocked: left waiting, it tells the last words not to wait
  return give_up(running, cat("interrupted by signal ", signal), 128 + signal);
}

std::vector<pollfd> entries_of(std::span<const int> fds) {
  std::vector<pollfd> entries;
  entries.reserve(fds.size() + 1);
  for (const int fd : fds) entries.push_back({.fd = fd, .events = POLLIN, .revents = 0});
  return entries;
}

// The first that has something to tell; nothing where none has.
std::optional<std::size_t> first_ready(std::span<const pollfd> entries) {
  const auto ready = std::ranges::find_if(entries, [](const pollfd& entry) { return entry.revents != 0; });
  if (ready == entries.end()) return std::nullopt;
  return static_cast<std::size_t>(ready - entries.begin());
}

// The index of the first of the entries, to which that of the signals is added.
Result<std::size_t> wait_for_first(std::vector<pollfd> entries, Stage stage, Running& running) {
  std::optional<int> told_to_end;  // by this signal
  std::optional<std::uint64_t> end_us = running.deadline_us;
  const std::size_t count = entries.size();
  entries.push_back({.fd = running.signals.get(), .events = POLLIN, .revents = 0});
  for (;;) {
    if (::poll(entries.data(), entries.size(), milliseconds_until(end_us)) < 0) {
      if (errno == EINTR) continue;
      return sys::failure("wait for the container");
    }
    if (const auto ready = first_ready(std::span(entries).first(count))) return *ready;
    if (running.deadline_us && now_us() >= *running.deadline_us)
      return give_up(running, "the time is over (--timeout)", kExitTimeout);
    if (told_to_end && now_us() >= *end_us) return interrupted(running, *told_to_end);
    const std::optional<Signal> signal = next_signal(running.signals.get());
    if (!signal) continue;
    const bool ends = ends_a_start(signal->number);
    if (ends && (stage == Stage::kSettingUp || told_to_end)) return interrupted(running, signal->number);
    running.early_signals.push_back(*signal);
    if (!ends) continue;
    told_to_end = signal->number;
    end_us = std::min(end_us.value_or(UINT64_MAX), now_us() + kMomentUs);
  }
}

}  // namespace

int milliseconds_until(std::optional<std::uint64_t> deadline_us) {
  if (!deadline_us) return -1;
  const std::uint64_t now = now_us();
  if (now >= *deadline_us) return 0;
  return static_cast<int>(std::min<std::uint64_t>((*deadline_us - now + 999) / 1000, 1'000'000));
}

Result<bool> may_be_read(int fd) {
  pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
  for (;;) {
    const int count = ::poll(&entry, 1, 0);
    if (count >= 0) return count > 0;
    if (errno != EINTR) return sys::failure("see whether a pipe can be read");
  }
}

Result<std::size_t> wait_for_any(std::span<const int> fds, Stage stage, Running& running) {
  return wait_for_first(entries_of(fds), stage, running);
}

Status write_patiently(int fd, std::string_view bytes, std::string_view name, Running& running) {
  while (!bytes.empty()) {
    const Result<std::size_t> written = sys::write_at_once(fd, bytes, name);
    if (!written) return written.error();
    bytes.remove_prefix(*written);
    if (bytes.empty()) break;
    const Result<std::size_t> ready =
        wait_for_first({{.fd = fd, .events = POLLOUT, .revents = 0},
                        {.fd = running.process.pidfd(), .events = POLLIN, .revents = 0}},
                       Stage::kSettingUp, running);
    if (!ready) return ready.error();
    if (*ready != 0) return Error(cat("write ", name), "the container's process has ended");
  }
  return {};
}

Result<std::size_t> wait_a_while(std::span<const int> fds) {
  const std::uint64_t end_us = now_us() + kLongestWhileUs;
  std::vector<pollfd> entries = entries_of(fds);
  int count = 0;
  do {
    count = ::poll(entries.data(), entries.size(), milliseconds_until(end_us));
  } while (count < 0 && errno == EINTR);
  if (count < 0) return sys::failure("wait for a helper");
  if (const auto ready = first_ready(entries)) return *ready;
  return sys::failure("wait for a helper", ETIMEDOUT);
}

}  // namespace kelp::launch
