// SPDX-License-Identifier: Apache-2.0
// The state document; see state.h.
#include "oci/state.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace kelp::oci {
namespace {

// Bytes that are no UTF-8 are replaced: a path of the machine's may have them, and JSON may not.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

StateText state_around_pid(const State& state) {
  std::string after = cat(",\"bundle\":", quoted(state.bundle));
  if (!state.annotations.empty()) {
    std::string all;
    for (const auto& [key, value] : state.annotations) {
      if (!all.empty()) all += ',';
      all += cat(quoted(key), ":", quoted(value));
    }
    after += cat(",\"annotations\":{", all, "}");
  }
  return {.before = cat("{\"ociVersion\":", quoted(state.version), ",\"id\":", quoted(state.id),
                        ",\"status\":", quoted(state.status), ",\"pid\":"),
          .after = cat(after, "}")};
}

std::vector<std::string> process_state_around_pid(const State& state, const std::string& metadata) {
  const std::string before =
      cat("{\"ociVersion\":", quoted(state.version), ",\"fds\":[\"seccompFd\"],\"pid\":");
  const std::string between =
      cat(metadata.empty() ? "" : cat(",\"metadata\":", quoted(metadata)), ",\"state\":");
  if (state.pid != 0) return {before, cat(between, state_document(state), "}")};
  const StateText text = state_around_pid(state);
  return {before, cat(between, text.before), cat(text.after, "}")};
}

std::string state_document(const State& state) {
  const StateText text = state_around_pid(state);
  return cat(text.before, state.pid, text.after);
}

}  // namespace kelp::oci
