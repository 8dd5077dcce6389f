// SPDX-License-Identifier: Apache-2.0
// A container that `kelp run` gives a name: its directory and record, from before its birth until it has
// ended.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/memory.h"
#include "cli/run.h"
#include "launch/start.h"
#include "launch/wait.h"
#include "plan/plan.h"
#include "state/store.h"

namespace kelp::verbs {

// Unless its command has begun it goes with all that was written.
class NewStaying {
 public:
  // Takes the name, or finds one; nobody else holds it until the command has begun. We are its monitor.
  static Result<NewStaying> make(const cli::RunRequest& request, const cli::Memory& memory);

  NewStaying(NewStaying&& other) noexcept;
  NewStaying& operator=(NewStaying&&) = delete;
  NewStaying(const NewStaying&) = delete;
  NewStaying& operator=(const NewStaying&) = delete;
  ~NewStaying();

  // What it writes goes there; to append to.
  Result<sys::UniqueFd> make_log();

  // Its process has been born, and is known before anything else is made of it.
  void remember_birth(pid_t pid, const sys::NamespaceNumbers& numbers);
  // It runs, and others may find it from now on.
  Status remember_start(const plan::Plan& plan, const launch::Running& running);
  void remember_end(const launch::Finished& finished);
  // Kelp exits with this. With --rm nothing is left of it.
  Status finish(int status);

  const std::string& name() const { return entry_->id(); }
  // Descriptors of ours that the start must leave open, and the container must not have.
  std::vector<int> fds() const { return {store_.fd(), entry_->fd()}; }

 private:
  NewStaying(state::Store store, state::Entry entry, state::Record record)
      : store_(std::move(store)), entry_(std::move(entry)), record_(std::move(record)) {}
  Status remove_itself() const;

  state::Store store_;
  std::optional<state::Entry> entry_;
  state::Record record_;
  Status remembered_;
};

}  // namespace kelp::verbs
