// SPDX-License-Identifier: Apache-2.0
// A container that gets a name; see stay_new.h.
#include "verbs/stay_new.h"

#include <sys/file.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/text.h"
#include "launch/exit_status.h"
#include "spec/ladder.h"
#include "state/life.h"
#include "sys/failure.h"
#include "verbs/staying.h"
#include "verbs/time_text.h"
#include "verbs/user_store.h"

namespace kelp::verbs {
namespace {

constexpr int kTries = 100;
constexpr off_t kRoomForTheEnd = off_t{256} * 1024;

// "dobuki27": short, and one can say it.
Result<std::string> random_name() {
  constexpr std::string_view kConsonants = "bdfghklmnprstvwz";
  constexpr std::string_view kVowels = "aeiou";
  std::array<unsigned char, 8> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return sys::failure("find a name");
  std::string name;
  for (std::size_t i = 0; i < 6; i += 2) {
    name += kConsonants[bytes.at(i) % kConsonants.size()];
    name += kVowels[bytes.at(i + 1) % kVowels.size()];
  }
  name += static_cast<char>('0' + bytes[6] % 10);
  name += static_cast<char>('0' + bytes[7] % 10);
  return name;
}

Result<state::Entry> make_entry(const state::Store& store, const std::string& wanted) {
  for (int i = 0; i < kTries; ++i) {
    const Result<std::string> name = wanted.empty() ? random_name() : wanted;
    if (!name) return name.error();
    Result<state::Entry> entry = store.make(*name);
    if (entry || entry.error().code() != EEXIST) return entry;
    if (!wanted.empty())
      return Error(cat("use --name ", wanted), "there is a container of this name")
          .with_hint(cat("kelp rm -f ", wanted, " ends and removes it"));
  }
  return Error("find a name", "each one that was tried is taken");
}

Result<state::Record> record_of(const cli::RunRequest& request, const std::string& name) {
  const std::optional<state::ProcessName> monitor = state::process_name(::getpid());
  if (!monitor) return Error(cat("remember container ", name), "/proc tells nothing of kelp itself");
  const Spec& spec = request.spec;
  const auto* const directory = std::get_if<DirectoryRoot>(&spec.root.what);
  return state::Record{.id = name,
                       .rootfs = directory != nullptr ? directory->path : std::string(),
                       .created = time_text(Digits::kNanoseconds),
                       .owner = std::to_string(::geteuid()),
                       .kept = state::Kept{.monitor = *monitor,
                                           .boot_id = boot_id(),
                                           .pid_namespace = own_pid_namespace(),
                                           .root = spec.root.origin.text,
                                           .command = spec.command.argv,
                                           .has_log = request.detach,
                                           .removes_itself = request.remove}};
}

}  // namespace

Result<NewStaying> NewStaying::make(const cli::RunRequest& request, const cli::Memory& memory) {
  Result<state::Store> store = open_user_store(kOfRun);
  if (!store) return store.error();
  Result<state::Entry> entry = make_entry(*store, request.name);
  if (!entry) return entry.error();
  Result<state::Record> record = record_of(request, entry->id());
  NewStaying made(std::move(*store), std::move(*entry), record ? std::move(*record) : state::Record{});
  if (!record) return record.error();
  if (Status s = made.entry_->write_request(cli::text_of(memory)); !s) return s.error();
  return made;
}

NewStaying::NewStaying(NewStaying&& other) noexcept
    : store_(std::move(other.store_)),
      entry_(std::exchange(other.entry_, std::nullopt)),
      record_(std::move(other.record_)),
      remembered_(std::move(other.remembered_)) {}

NewStaying::~NewStaying() {
  if (entry_ && !record_.is_complete) (void)store_.remove(std::move(*entry_));
}

Result<sys::UniqueFd> NewStaying::make_log() { return entry_->make_log(); }

void NewStaying::remember_birth(pid_t pid, const sys::NamespaceNumbers& numbers) {
  const std::optional<state::ProcessName> name = state::process_name(pid);
  if (name) record_.init = *name;
  record_.user_namespace = numbers[sys::kUserNamespaceFile];
  remembered_ = name ? entry_->write(record_) : Error("remember the container's process", "it has ended");
}

Status NewStaying::remember_start(const plan::Plan& plan, const launch::Running& running) {
  if (!remembered_) return remembered_;
  record_.cgroup = running.cgroup.path();
  if (plan.is_without_namespaces)
    record_.kept->not_entered = cat("it has no namespaces of its own, on the rung ", rung_title(plan.rung));
  record_.is_complete = true;
  if (Status s = entry_->write(record_); !s) {
    record_.is_complete = false;
    return s;
  }
  ::flock(entry_->fd(), LOCK_UN);
  return {};
}

void NewStaying::remember_end(const launch::Finished& finished) {
  const int status = finished.wait_status;
  record_.kept->end = state::End{.status = launch::exit_status_of(finished),
                                 .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                                 .finished = time_text(Digits::kNanoseconds)};
}

Status NewStaying::finish(int status) {
  if (!record_.is_complete) return {};
  if (!record_.kept->end)
    record_.kept->end =
        state::End{.status = status, .signal = 0, .finished = time_text(Digits::kNanoseconds)};
  // Before it goes, too: somebody may wait for it.
  Status written = entry_->write(record_);
  // What the container has written may have filled the file system: how it ended is worth more than its last
  // words.
  if (!written && written.error().code() == ENOSPC && record_.kept->has_log) {
    entry_->shorten_log(kRoomForTheEnd);
    written = entry_->write(record_);
  }
  const Status removed = record_.kept->removes_itself ? remove_itself() : Status();
  return written ? removed : written;
}

Status NewStaying::remove_itself() const {
  Result<state::Entry> held = store_.hold(entry_->id());
  if (!held) return held.error().code() == ENOENT ? Status() : Status(held.error());
  // Removed meanwhile, and made anew.
  if (!held->is_same_as(*entry_)) return {};
  return store_.remove(std::move(*held));
}

}  // namespace kelp::verbs
