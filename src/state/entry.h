// SPDX-License-Identifier: Apache-2.0
// One container's directory: which files are in it, and how they are written.
// Runs in: parent.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "state/record.h"
#include "sys/unique_fd.h"

namespace kelp::state {

inline constexpr std::string_view kConfigName = "config.json";
inline constexpr std::string_view kStartName = "start";      // the socket
inline constexpr std::string_view kRequestName = "request";  // of a container of `kelp run`
inline constexpr std::string_view kLogName = "log";

class Entry {
 public:
  Entry(std::string id, sys::UniqueFd fd) : id_(std::move(id)), fd_(std::move(fd)) {}

  const std::string& id() const { return id_; }
  int fd() const { return fd_.get(); }

  // Nothing: there is no record (yet, or any more).
  Result<std::optional<Record>> read() const;
  // What is there afterwards is the old record or the new one, whole, whatever ends us or the machine.
  Status write(const Record& record) const;

  Status write_config(std::string_view text) const;
  Result<std::string> read_config() const;

  // What `kelp run` was asked for (cli/memory.h).
  Status write_request(std::string_view text) const;
  Result<std::string> read_request() const;

  // What the container writes: made anew, to append to; and to read.
  Result<sys::UniqueFd> make_log() const;
  Result<sys::UniqueFd> open_log() const;

  // A listening socket (SOCK_SEQPACKET) under kStartName.
  Result<sys::UniqueFd> listen() const;
  // A connection to it. ECONNREFUSED and ENOENT: nobody listens (any more).
  Result<sys::UniqueFd> connect() const;

  // Nobody listens any more.
  void forget_start() const;

  // One that was removed and made anew is another one.
  bool is_same_as(const Entry& other) const;

  // Whether somebody holds it, for changing.
  bool is_held() const;

  // As long as the result lives it is not removed. Invalid: somebody holds it for changing.
  Result<sys::UniqueFd> keep_from_removal() const;

  // Takes so many bytes from the log's end.
  void shorten_log(off_t bytes) const;

 private:
  friend class Store;
  Status write_whole(const std::string& name, std::string_view text) const;
  Status remove_files() const;

  std::string id_;
  sys::UniqueFd fd_;
};

}  // namespace kelp::state
