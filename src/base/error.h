// SPDX-License-Identifier: Apache-2.0
// Why something could not be done, as a value that travels up to main, which prints it once.
// The lowest layer names the action and its object; callers add the purpose with after().
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kelp {

// Exit statuses of kelp itself (kelp(1), EXIT STATUS); the command's own status is passed on as it is.
inline constexpr int kExitTimeout = 124;
inline constexpr int kExitCannotStart = 125;
inline constexpr int kExitNotExecutable = 126;
inline constexpr int kExitNotFound = 127;

// Which part of a start failed: for those who put it in words of their own.
enum class FailedPart : std::uint8_t {
  kOther,
  kUsage,            // the command line; the action is a whole sentence in the words of its dialect
  kSource,           // what is to be shared could not be found; the object is its path
  kParents,          // the directories on the way to a destination, which is the object
  kDirectory,        // the directory at a destination
  kFile,             // the file
  kContent,          // what is written into it
  kLink,             // the symbolic link
  kMode,             // the permissions of a path
  kBind,             // a bind; the object is the destination
  kMount,            // a new file system; the object is "TYPE on DESTINATION"
  kSeal,             // making a mount read-only
  kPropagation,      // cutting the mounts off from the host's
  kLock,             // a lock file
  kNamespaces,       // making them; the object is "pid" where one was to be entered
  kInnerNamespaces,  // user namespaces after the first
  kIds,              // "map": giving them ids; "join": taking them from another user namespace
  kEnter,            // the working directory
  kExecute,          // the command; the object is its name as it was given
};

// One failure: "kelp: cannot ACTION: REASON (PURPOSE)", then "hint: HINT" where the cause is established.
class Error {
 public:
  Error(std::string action, std::string reason) : action_(std::move(action)), reason_(std::move(reason)) {}

  // Several problems found at once, of equal rank. Must not be empty.
  static Error all_of(std::vector<Error> problems);

  // Adds why it was being done. Only the first purpose is kept: the nearest one says the most.
  Error after(std::string purpose) &&;
  // Adds the remedy; only for a cause that has been established.
  Error with_hint(std::string hint) &&;
  // Sets what errno was (0: the failure did not come from the kernel).
  Error with_code(int code) &&;
  // Sets which part failed, on which object. Only the first is kept, as with after().
  Error with_part(FailedPart part, std::string object) &&;
  // Sets the exit status (default: 125, kelp could not start the container).
  Error with_status(int status) &&;

  const std::string& action() const { return action_; }
  const std::string& reason() const { return reason_; }
  const std::string& purpose() const { return purpose_; }
  const std::string& hint() const { return hint_; }
  FailedPart part() const { return part_; }
  const std::string& object() const { return object_; }
  int code() const { return code_; }
  int status() const { return status_; }
  const std::vector<Error>& others() const { return others_; }

  // One line without the "kelp: " in front and without a newline; unprintable bytes as \xNN.
  std::string sentence() const;

 private:
  std::string action_;
  std::string reason_;
  std::string purpose_;
  std::string hint_;
  std::string object_;
  FailedPart part_ = FailedPart::kOther;
  int code_ = 0;
  int status_ = kExitCannotStart;
  std::vector<Error> others_;
};

}  // namespace kelp
