// SPDX-License-Identifier: Apache-2.0
// See run_hints.h.
#include "verbs/run_hints.h"

#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "base/text.h"

namespace kelp::verbs {
namespace {

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// "./script" of the caller's directory, which the container does not have.
bool is_of_working_directory(const Error& error) {
  const std::string& name = error.object();
  return error.part() == FailedPart::kExecute && error.status() == kExitNotFound && holds(name, "/") &&
         !name.starts_with('/') && ::access(name.c_str(), F_OK) == 0;
}

// A profile, or quotes, kept the shell from putting in what they stand for.
bool is_unexpanded(const Error& error) {
  if (error.code() != ENOENT || error.part() != FailedPart::kSource) return false;
  const std::string& path = error.object();
  return path.starts_with("~/") || holds(path, "$HOME") || holds(path, "$PWD");
}

Error with_hint(Error error, bool has_directory) {
  if (!error.hint().empty()) return error;
  if (!has_directory && is_of_working_directory(error)) {
    return std::move(error).with_hint(
        "the command starts in the container's /, which has no such file; --here shares this directory and "
        "starts in it");
  }
  if (is_unexpanded(error)) {
    return std::move(error).with_hint(
        "kelp puts in no ~ and no $NAME; in a profile ${HOME} and ${PWD} stand for yours");
  }
  return error;
}

}  // namespace

Error with_hints_of_run(const Error& error, bool has_directory) {
  std::vector<Error> all = {error};
  all.insert(all.end(), error.others().begin(), error.others().end());
  for (Error& one : all) one = with_hint(std::move(one), has_directory);
  return Error::all_of(std::move(all));
}

}  // namespace kelp::verbs
