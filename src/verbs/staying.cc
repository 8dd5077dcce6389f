// SPDX-License-Identifier: Apache-2.0
// One container that stays; see staying.h.
#include "verbs/staying.h"

#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/text.h"
#include "launch/clock.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::verbs {
namespace {

// Between the end of a container and the word of it lies what its kelp has to put away.
constexpr int kMomentMs = 5;
constexpr int kUntilRemovedMs = 2000;

bool is_of_this_boot(const state::Kept& kept) { return kept.boot_id == boot_id(); }

Result<sys::UniqueFd> open_of_this_boot(const state::Kept& kept, const state::ProcessName& name) {
  return is_of_this_boot(kept) ? state::open_process(name) : sys::UniqueFd();
}

Result<StayStatus> status_now(const state::Record& record) {
  if (record.kept->end) return StayStatus::kExited;
  if (is_of_this_boot(*record.kept) && record.kept->pid_namespace != own_pid_namespace())
    return Error(cat("look at ", record.id),
                 "it was started in another pid namespace, whose processes cannot be told here");
  const Result<sys::UniqueFd> monitor = open_of_this_boot(*record.kept, record.kept->monitor);
  if (!monitor) return monitor.error();
  if (!monitor->valid()) return StayStatus::kLost;
  return record.is_complete ? StayStatus::kRunning : StayStatus::kStarting;
}

Result<std::optional<Staying>> read_now(state::Entry entry) {
  Result<std::optional<state::Record>> record = entry.read();
  if (!record) return record.error();
  if (!*record || !(*record)->kept) return std::optional<Staying>();
  const Result<StayStatus> status = status_now(**record);
  if (!status) return status.error();
  return std::optional(Staying{.entry = std::move(entry), .record = std::move(**record), .status = *status});
}

// One that seems lost may have written its end and gone after it was read.
Result<std::optional<Staying>> read_surely(state::Entry entry) {
  Result<std::optional<Staying>> found = read_now(std::move(entry));
  if (!found || !*found || (*found)->status != StayStatus::kLost) return found;
  return read_now(std::move((*found)->entry));
}

Result<Staying> read_again(Staying container) {
  const std::string name = container.entry.id();
  Result<std::optional<Staying>> found = read_surely(std::move(container.entry));
  if (!found) return found.error();
  if (!*found) return Error(cat("read the end of ", name), "its record is gone").with_code(ENOENT);
  return std::move(**found);
}

// False: the time is over.
Result<bool> wait_for(const sys::UniqueFd& pidfd, int milliseconds) {
  if (!pidfd.valid()) return true;
  const std::uint64_t until_us = launch::now_us() + static_cast<std::uint64_t>(milliseconds) * 1000;
  pollfd entry{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
  for (;;) {
    const std::uint64_t now_us = launch::now_us();
    const int left = milliseconds < 0 ? -1 : static_cast<int>((until_us - std::min(now_us, until_us)) / 1000);
    const int count = ::poll(&entry, 1, left);
    if (count >= 0) return count == 1;
    if (errno != EINTR) return sys::failure("wait for a process");
  }
}

// With --rm its kelp removes it now, and its name is free afterwards.
void await_removal(const Staying& container) {
  if (!container.kept().removes_itself) return;
  const Result<sys::UniqueFd> monitor = open_of_this_boot(container.kept(), container.kept().monitor);
  if (monitor) (void)wait_for(*monitor, kUntilRemovedMs);
}

}  // namespace

std::string_view name_of(StayStatus status) {
  switch (status) {
    case StayStatus::kStarting: return "starting";
    case StayStatus::kRunning: return "running";
    case StayStatus::kExited: return "exited";
    case StayStatus::kLost: break;
  }
  return "lost";
}

std::string boot_id() {
  const Result<std::string> text = sys::read_proc("/proc/sys/kernel/random/boot_id");
  return text ? std::string(trimmed(std::string_view(*text).substr(0, text->find('\n')))) : std::string();
}

std::uint64_t own_pid_namespace() {
  struct stat info{};
  return ::stat("/proc/self/ns/pid", &info) == 0 ? info.st_ino : 0;
}

Result<std::optional<Staying>> look_at(const state::Store& store, const std::string& name) {
  Result<state::Entry> entry = store.find(name);
  if (!entry && entry.error().code() == ENOENT) return std::optional<Staying>();
  if (!entry) return entry.error();
  return read_surely(std::move(*entry));
}

Result<Staying> find_staying(const state::Store& store, std::string_view action, const std::string& name) {
  Result<std::optional<Staying>> found = look_at(store, name);
  if (!found) return found.error();
  if (!*found)
    return Error(cat(action, " ", printable(name)), "there is no such container")
        .with_hint("kelp ps lists the containers")
        .with_code(ENOENT);
  return std::move(**found);
}

Result<sys::UniqueFd> open_init(const Staying& container) {
  return open_of_this_boot(container.kept(), container.record.init);
}

Result<sys::UniqueFd> open_monitor(const Staying& container) {
  return open_of_this_boot(container.kept(), container.kept().monitor);
}

Result<Staying> await_end(Staying container, int milliseconds) {
  const std::uint64_t until_us = launch::now_us() + static_cast<std::uint64_t>(milliseconds) * 1000;
  sys::UniqueFd kept;
  for (;;) {
    // Nobody holds it but who starts it, who then tells, and who removes it.
    if (!kept.valid()) {
      Result<sys::UniqueFd> now = container.entry.keep_from_removal();
      if (!now) return now.error();
      kept = std::move(*now);
    }
    Result<Staying> now = read_again(std::move(container));
    if (!now || now->status == StayStatus::kExited || now->status == StayStatus::kLost) {
      kept.reset();
      if (now) await_removal(*now);
      return now;
    }
    container = std::move(*now);
    const std::uint64_t now_us = launch::now_us();
    if (milliseconds >= 0 && now_us >= until_us) return container;
    // Behind the first process's end comes the word of it; before its beginning, the start.
    const Result<sys::UniqueFd> init = open_init(container);
    if (!init) return init.error();
    const Result<sys::UniqueFd> awaited =
        init->valid() && kept.valid() ? sys::UniqueFd() : open_monitor(container);
    if (!awaited) return awaited.error();
    const int left = milliseconds < 0 ? -1 : static_cast<int>((until_us - now_us + 999) / 1000);
    const bool is_short = awaited->valid();
    const Result<bool> waited = wait_for(is_short ? *awaited : *init, is_short ? kMomentMs : left);
    if (!waited) return waited.error();
  }
}

}  // namespace kelp::verbs
