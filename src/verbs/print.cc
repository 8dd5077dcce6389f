// SPDX-License-Identifier: Apache-2.0
// What kelp says; see print.h.
#include "verbs/print.h"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/text.h"
#include "launch/last_words.h"
#include "sys/files.h"

namespace kelp::verbs {
namespace {

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

// One write, so that lines of several kelps on one terminal do not mix.
void say(const std::string& text, std::optional<std::uint64_t> deadline_us) {
  (void)launch::write_last_words(STDERR_FILENO, text, "stderr", deadline_us);
}

int print_error(const Error& error, LogFormat format, std::optional<std::uint64_t> deadline_us) {
  std::string text = line_of(error, format);
  for (const Error& other : error.others()) text += line_of(other, format);
  say(text, deadline_us);
  return error.status();
}

std::string warning_line(const std::string& text, LogFormat format) {
  if (format == LogFormat::kText) return cat("kelp: warning: ", printable(text), "\n");
  return nlohmann::ordered_json({{"level", "warning"}, {"message", printable(text)}}).dump() + "\n";
}

void print_warning(const std::string& text, LogFormat format, std::optional<std::uint64_t> deadline_us) {
  say(warning_line(text, format), deadline_us);
}

int print_out(const std::string& text) {
  const Status written = sys::write_all(STDOUT_FILENO, text, "stdout");
  if (written) return 0;
  // `kelp --help | head -1`: whoever asked has seen enough. As a shell says it of others.
  if (written.error().code() == EPIPE) return 128 + SIGPIPE;
  return print_error(written.error());
}

}  // namespace kelp::verbs
