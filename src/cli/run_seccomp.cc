// SPDX-License-Identifier: Apache-2.0
// What the flags of `kelp run` about system call filters do: one filter, and sets besides.
#include <cerrno>

#include "base/text.h"
#include "cli/draft.h"
#include "cli/nearest.h"
#include "cli/values.h"
#include "formats/seccomp_json.h"

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

std::vector<std::string_view> all_set_names() {
  std::vector<std::string_view> all = filter_set_names();
  const std::vector<std::string_view> giving = giving_set_names();
  all.insert(all.end(), giving.begin(), giving.end());
  return all;
}

// "@no-userns" for no-userns and @no-user; empty where no set is near.
std::string meant_set(std::string_view name) {
  const std::string_view meant = nearest(name, all_set_names());
  return meant.empty() ? std::string() : cat("did you mean @", meant, "?");
}

Result<Filter> read_filter(const Draft& draft, std::string_view word, const std::string& typed) {
  Result<std::string> bytes = read_bytes(draft, word);
  if (!bytes) {
    std::string meant = bytes.error().code() == ENOENT ? meant_set(word) : std::string();
    Error error = std::move(bytes.error()).after(cat("for ", typed));
    return meant.empty() ? error : std::move(error).with_hint(std::move(meant));
  }
  if (formats::looks_like_json(*bytes)) {
    const CapabilityMask held = draft.request.spec.command.capabilities.root;
    Result<SeccompProfile> profile = formats::read_seccomp_profile(*bytes, {.capabilities = held});
    if (!profile) return Error(cat("use ", typed), profile.error().reason());
    return Filter{.what = *std::move(profile), .origin = {typed}};
  }
  std::optional<FilterCode> code = read_filter_code(*bytes);
  if (!code) {
    return Error(cat("use ", typed), cat("it is neither JSON nor BPF: its ", bytes->size(),
                                         " bytes are no number of whole instructions"));
  }
  return Filter{.what = FilterProgram{.code = *std::move(code)}, .origin = {typed}};
}

Error no_such_set(std::string_view name, const std::string& typed) {
  std::string known;
  for (const std::string_view one : all_set_names()) known += cat(known.empty() ? "@" : " @", one);
  Error error(cat("read ", typed), cat("'", name, "' is no set of system calls (", known, ")"));
  std::string meant = meant_set(name.substr(1));
  return meant.empty() ? error : std::move(error).with_hint(std::move(meant));
}

// The set that refuses what `giving` gives back, and nothing else.
std::optional<BuiltInFilter> opposite_of(GivingSet giving) {
  return read_built_in_filter(cat("no-", giving_set_name(giving)));
}

// Of two opposite sets the last one counts, so that a command line can take back what a profile says.
void give_back(Draft& draft, GivingSet giving, const std::string& typed) {
  const std::optional<BuiltInFilter> opposite = opposite_of(giving);
  std::erase_if(draft.filter_sets, [&](const Filter& earlier) {
    const auto* set = std::get_if<BuiltInFilter>(&earlier.what);
    return opposite && set != nullptr && *set == *opposite;
  });
  draft.given_back.push_back({.set = giving, .origin = {typed}});
}

void take_away(Draft& draft, BuiltInFilter set, const std::string& typed) {
  std::erase_if(draft.given_back, [&](const GivenBack& earlier) { return opposite_of(earlier.set) == set; });
  draft.filter_sets.push_back({.what = set, .origin = {typed}});
}

}  // namespace

Status apply_seccomp(Draft& draft, const Given& given) {
  for (const std::string_view word : split(*given.value, ',')) {
    if (word.empty()) return Error(cat("read ", given.typed), "a word of it is empty");
    if (!word.starts_with('@')) {
      draft.filter = {.value = std::string(word), .typed = given.typed};
      continue;
    }
    if (const auto giving = read_giving_set(word.substr(1))) {
      give_back(draft, *giving, given.typed);
      continue;
    }
    const auto set = read_built_in_filter(word.substr(1));
    if (!set || !is_set(*set)) return no_such_set(word, given.typed);
    take_away(draft, *set, given.typed);
  }
  return {};
}

Status finish_seccomp(Draft& draft) {
  std::vector<Filter>& filters = draft.request.spec.seccomp.filters;
  if (draft.filter) {
    const std::string& word = draft.filter->value;
    filters.clear();
    if (word == "default") {
      filters.push_back({.what = BuiltInFilter::kDefault, .origin = {draft.filter->typed}});
    } else if (word != "none") {
      Result<Filter> filter = read_filter(draft, word, draft.filter->typed);
      if (!filter) return filter.error();
      filters.push_back(*std::move(filter));
    }
  }
  // The sets first: a filter of the caller's may forbid to install another one.
  filters.insert(filters.begin(), draft.filter_sets.begin(), draft.filter_sets.end());
  draft.request.spec.seccomp.given_back = draft.given_back;
  return {};
}

}  // namespace kelp::cli
