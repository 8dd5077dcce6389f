// SPDX-License-Identifier: Apache-2.0
// What the options have said so far. Inside bwrap/ only.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bwrap/read.h"

namespace kelp::bwrap {

// A refusal in bubblewrap's words.
Error refusal(std::string sentence);

struct Draft {
  const Surroundings& around;
  Request& request;
  std::string option;  // the one that is being read
  bool is_from_file = false;

  std::optional<std::uint32_t> mode;   // by --perms, for the next action
  std::optional<std::uint64_t> bytes;  // by --size
  std::vector<std::string> layers;     // by --overlay-src

  std::optional<Id> user;
  std::optional<Id> group;
  std::optional<std::string> hostname;
  std::optional<int> user_namespace_fd;
  std::optional<int> inner_user_namespace_fd;
  std::optional<int> pid_namespace_fd;
  std::optional<int> maps_ready_fd;
  std::optional<int> wait_fd;
  std::optional<int> held_fd;
  std::optional<int> seccomp_fd;
  std::vector<int> more_seccomp_fds;
  bool has_user_namespace = false;
  bool tries_user_namespace = false;
  bool forbids_user_namespaces = false;
  bool proves_no_user_namespaces = false;
  bool is_pid_1 = false;
  bool names_capabilities = false;

  Spec& spec() const { return request.spec; }
  // An action on the file system, in its place.
  void add(MountKind what, std::string origin);
  // Of an option that counts once: the earlier one is told to be lost.
  template <typename T>
  void set_last(std::optional<T>& field, T value) {
    if (field) warn_of_last();
    field = std::move(value);
  }
  void warn_of_last();
  void consume(int fd) { request.consumed_fds.push_back(fd); }
};

// A row of the table of options.
using Values = std::span<const std::string>;
struct Option {
  std::string_view name;
  std::string_view values;  // "SRC DEST"
  Status (*read)(Draft&, Values);
  std::string_view help;
  std::string_view missing = {};  // what is said where values are missing, if it is not what count() says

  std::size_t count() const;
  std::string_view complaint() const;
};
const Option* find_option(std::string_view name);

// Layers that no overlay takes are a mistake.
Status check_layers(const Draft& draft);

// The absolute path in the sandbox that a destination means: "a/../b" is "/b".
std::string inside(std::string_view path);

// What is known only at the end: namespaces, ids, the directory, the reaper.
Status finish(Draft& draft);

}  // namespace kelp::bwrap
