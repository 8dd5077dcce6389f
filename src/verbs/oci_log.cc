// SPDX-License-Identifier: Apache-2.0
// What kelp-oci says; see oci_log.h.
#include "verbs/oci_log.h"

#include <fcntl.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "launch/last_words.h"
#include "sys/files.h"
#include "verbs/time_text.h"

namespace kelp::verbs {
namespace {

using Json = nlohmann::ordered_json;

// logrus's text form.
std::string text_line(std::string_view level, const std::string& text) {
  return cat("time=\"", time_text(Digits::kSeconds), "\" level=", level, " msg=", Json(text).dump(), "\n");
}

std::string json_line(std::string_view level, const std::string& text) {
  return Json({{"level", level}, {"msg", text}, {"time", time_text(Digits::kSeconds)}}).dump() + "\n";
}

void print(std::string_view text) { (void)launch::write_last_words(STDERR_FILENO, text, "stderr"); }

}  // namespace

OciLog::OciLog(const oci::Arguments& arguments)
    : path_(arguments.log.value_or("")),
      form_(arguments.log_format == "json" ? oci::LogForm::kJson : oci::LogForm::kText),
      says_debug_(arguments.debug) {}

// Opened for each line: a start closes what it does not know.
void OciLog::append(const std::string& line) const {
  const Result<sys::UniqueFd> fd = sys::open_file(path_, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY, 0644);
  if (!fd) return print(text_line("error", printable(fd.error().sentence())));
  (void)sys::write_all(fd->get(), line, path_);
}

void OciLog::say(std::string_view level, const std::string& text) const {
  const std::string line = form_ == oci::LogForm::kJson ? json_line(level, text) : text_line(level, text);
  if (path_.empty()) return print(line);
  append(line);
  if (level == "error") print(cat(text, "\n"));
}

void OciLog::error(const Error& error, std::string_view prefix) const {
  say("error", cat(prefix, oci_sentence(error)));
  for (const Error& other : error.others()) say("error", cat(prefix, oci_sentence(other)));
  // Engines take the last line of this level.
  if (!error.hint().empty()) say("info", cat("hint: ", printable(error.hint())));
}

void OciLog::warning(std::string_view text) const { say("warning", printable(text)); }

void OciLog::debug(std::string_view text) const {
  if (says_debug_) say("debug", printable(text));
}

std::string oci_sentence(const Error& error) {
  return error.part() == FailedPart::kUsage ? printable(error.action()) : error.sentence();
}

}  // namespace kelp::verbs
