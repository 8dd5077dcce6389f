// SPDX-License-Identifier: Apache-2.0
// What the flags of `kelp run` about system call filters do.
#include "base/text.h"
#include "cli/draft.h"
#include "cli/values.h"

namespace kelp::cli {
namespace {

Result<std::string> read_bytes(const Draft& draft, std::string_view word) {
  if (!word.starts_with("fd:")) {
    if (!draft.around.read_file) return Error(cat("read ", word), "no file can be read here");
    return draft.around.read_file(std::string(word));
  }
  const auto fd = read_fd(word.substr(3));
  if (!fd) return Error(cat("read ", word), "it is no descriptor: fd:9 9<FILE");
  if (!draft.around.read_fd) return Error(cat("read ", word), "no descriptor can be read here");
  return draft.around.read_fd(*fd);
}

Result<Filter> read_filter(const Draft& draft, std::string_view word, const std::string& typed) {
  Result<std::string> bytes = read_bytes(draft, word);
  if (!bytes) return std::move(bytes.error()).after(cat("for ", typed));
  std::optional<FilterCode> code = read_filter_code(*bytes);
  if (!code) {
    return Error(cat("read ", typed),
                 cat("it has ", bytes->size(), " bytes, which is no number of whole BPF instructions"));
  }
  return Filter{.what = FilterProgram{.code = *std::move(code)}, .origin = {typed}};
}

}  // namespace

Status apply_seccomp(Draft& draft, const Given& given) {
  const std::string_view word = *given.value;
  if (word.empty()) return Error(cat("read ", given.typed), "the value is empty");
  if (word == "none") {
    draft.filter = {.value = std::nullopt, .typed = given.typed};
    return {};
  }
  Result<Filter> filter = read_filter(draft, word, given.typed);
  if (!filter) return filter.error();
  draft.filter = {.value = *std::move(filter), .typed = given.typed};
  return {};
}

}  // namespace kelp::cli
