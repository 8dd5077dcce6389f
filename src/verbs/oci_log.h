// SPDX-License-Identifier: Apache-2.0
// What kelp-oci says, in runc's forms: engines read them. Without --log a line on stderr; with it a line in
// that file, and the bare text on stderr.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "oci/arguments.h"

namespace kelp::verbs {

class OciLog {
 public:
  explicit OciLog(const oci::Arguments& arguments);

  // `prefix` is what runc puts before an error of some commands: "exec failed: ".
  void error(const Error& error, std::string_view prefix = {}) const;
  void warning(std::string_view text) const;
  // With --debug, and only in the log.
  void debug(std::string_view text) const;

 private:
  void say(std::string_view level, const std::string& text) const;
  void append(const std::string& line) const;
  std::string path_;
  oci::LogForm form_;
  bool says_debug_;
};

// The sentence as it is printed: a refusal of the command line is one already.
std::string oci_sentence(const Error& error);

}  // namespace kelp::verbs
