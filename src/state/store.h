// SPDX-License-Identifier: Apache-2.0
// The directory of a user's containers: one directory in it each, named by its id. All is done by descriptor;
// nothing is followed that somebody else could have put there.
// Runs in: parent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "state/entry.h"
#include "sys/unique_fd.h"

namespace kelp::state {

// What runc takes as an id: [A-Za-z0-9_+.-]+, but for "." and "..".
bool is_id(std::string_view text);

class Store {
 public:
  // Makes the directory where it is missing (0700, parents too). One that is somebody else's, or that others
  // may write to, is an error.
  static Result<Store> open(const std::string& root);

  // A new container's directory, which the caller holds. An id that is taken is an error (EEXIST); what a
  // killed kelp has left under that name without a record is not taken.
  Result<Entry> make(const std::string& id) const;

  // The directory of one that is there (else ENOENT), to look at.
  Result<Entry> find(const std::string& id) const;
  // The same, to change it: waits until nobody else holds it.
  Result<Entry> hold(const std::string& id) const;

  // Removes the files and the directory of one that is held.
  Status remove(Entry entry) const;

  // Sorted.
  Result<std::vector<std::string>> names() const;

  const std::string& path() const { return path_; }
  int fd() const { return fd_.get(); }

 private:
  Store(std::string path, sys::UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  std::string path_;
  sys::UniqueFd fd_;
};

}  // namespace kelp::state
