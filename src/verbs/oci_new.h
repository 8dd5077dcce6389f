// SPDX-License-Identifier: Apache-2.0
// A container that is being made by `create` or `run`: its directory and record, until it stays or goes.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "launch/start.h"
#include "plan/plan.h"
#include "state/record.h"
#include "state/store.h"
#include "sys/unique_fd.h"
#include "verbs/oci_bundle.h"
#include "verbs/oci_verbs.h"

namespace kelp::verbs {

// Goes with all that was written, unless keep() was called.
class NewContainer {
 public:
  // Takes the id; nobody else holds it as long as this is here.
  static Result<NewContainer> make(const OciCall& call, Bundle bundle);

  NewContainer(NewContainer&& other) noexcept;
  NewContainer& operator=(NewContainer&&) = delete;
  NewContainer(const NewContainer&) = delete;
  NewContainer& operator=(const NewContainer&) = delete;
  ~NewContainer();

  // The socket that it waits at before its command begins.
  Status wait_for_start();
  // Descriptors of ours that the start must leave open, and the container must not have.
  void keep_open(int fd) { parent_fds_.push_back(fd); }

  // Its process has been born, and is in the record before anything else is made of it.
  Result<launch::Running> start(const plan::Plan& plan);
  Result<plan::Plan> make_plan();

  // It is complete from now on, and remembered.
  Status remember();
  void keep() { is_kept_ = true; }
  // Others may change and delete it from now on.
  void let_go() const;
  // It goes as `delete` would have it, if nobody has deleted it before.
  Status remove(const OciLog& log);

  const Bundle& bundle() const { return bundle_; }
  const state::Record& record() const { return record_; }

 private:
  NewContainer(state::Store store, state::Entry entry, Bundle bundle);
  Status remember_birth(const plan::Plan& plan, pid_t pid);

  state::Store store_;
  std::optional<state::Entry> entry_;
  Bundle bundle_;
  state::Record record_;
  sys::UniqueFd start_socket_;
  std::vector<int> parent_fds_;
  bool is_kept_ = false;
};

}  // namespace kelp::verbs
