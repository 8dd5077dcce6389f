// SPDX-License-Identifier: Apache-2.0
// What kelp says; see print.h.
#include "verbs/print.h"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "base/text.h"
#include "sys/files.h"

namespace kelp::verbs {
namespace {

// One write, so that lines of several kelps on one terminal do not mix.
void say(const std::string& text) { (void)sys::write_all(STDERR_FILENO, text, "stderr"); }

std::string line_of(const Error& error, LogFormat format) {
  if (format == LogFormat::kText) {
    std::string text = cat("kelp: ", error.sentence(), "\n");
    if (!error.hint().empty()) text += cat("hint: ", printable(error.hint()), "\n");
    return text;
  }
  nlohmann::ordered_json object = {{"level", "error"}, {"message", error.sentence()}};
  if (!error.hint().empty()) object["hint"] = printable(error.hint());
  return object.dump() + "\n";
}

}  // namespace

int print_error(const Error& error, LogFormat format) {
  std::string text = line_of(error, format);
  for (const Error& other : error.others()) text += line_of(other, format);
  say(text);
  return error.status();
}

void print_warning(const std::string& text, LogFormat format) {
  if (format == LogFormat::kText) {
    say(cat("kelp: warning: ", printable(text), "\n"));
  } else {
    say(nlohmann::ordered_json({{"level", "warning"}, {"message", printable(text)}}).dump() + "\n");
  }
}

int print_out(const std::string& text) {
  const Status written = sys::write_all(STDOUT_FILENO, text, "stdout");
  return written ? 0 : print_error(written.error());
}

}  // namespace kelp::verbs
