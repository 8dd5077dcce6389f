// SPDX-License-Identifier: Apache-2.0
// Why something could not be done, as a value that travels up to main, which prints it once.
// The lowest layer names the action and its object; callers add the purpose with after().
#pragma once

#include <string>
#include <vector>

namespace kelp {

// Exit statuses of kelp itself (kelp(1), EXIT STATUS); the command's own status is passed on as it is.
inline constexpr int kExitTimeout = 124;
inline constexpr int kExitCannotStart = 125;
inline constexpr int kExitNotExecutable = 126;
inline constexpr int kExitNotFound = 127;

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
  // Sets the exit status (default: 125, kelp could not start the container).
  Error with_status(int status) &&;

  const std::string& action() const { return action_; }
  const std::string& reason() const { return reason_; }
  const std::string& purpose() const { return purpose_; }
  const std::string& hint() const { return hint_; }
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
  int code_ = 0;
  int status_ = kExitCannotStart;
  std::vector<Error> others_;
};

}  // namespace kelp
