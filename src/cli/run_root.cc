// SPDX-License-Identifier: Apache-2.0
// ROOT of `kelp run`, and what was probably meant where there is no such thing.
#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "cli/draft.h"
#include "cli/nearest.h"

namespace kelp::cli {
namespace {

constexpr auto kWords = std::to_array<std::string_view>({"host", "empty"});

bool is_image(std::string_view root) {
  static constexpr auto kTransports = std::to_array<std::string_view>(
      {"oci:", "docker:", "dir:", "oci-archive:", "docker-archive:", "containers-storage:"});
  return std::ranges::any_of(kTransports, [&](std::string_view t) { return root.starts_with(t); });
}

// As it was typed, without a value.
std::string_view name_of(const Given& flag) {
  return std::string_view(flag.typed).substr(0, flag.typed.find_first_of(" ="));
}

// "--env host id": the flag before took the word that was to be ROOT.
std::string hint_of_taken_word(const Draft& draft) {
  if (draft.given.empty()) return {};
  const Given& last = draft.given.back();
  for (const std::string_view word : kWords) {
    if (!last.typed.starts_with("-") || !last.typed.ends_with(cat(" ", word))) continue;
    return cat(name_of(last), " took '", word, "' as its value; ROOT comes after that");
  }
  return {};
}

// "--landlock files host": an optional value is never the next word.
std::string hint_of_left_value(const std::string& root, const Draft& draft) {
  if (draft.given.empty()) return {};
  const Given& last = draft.given.back();
  const FlagInfo& flag = run_flags()[last.row];
  if (flag.takes != Takes::kOptionalValue || last.value) return {};
  const std::vector<std::string_view> words = split(flag.value, '|');
  if (std::ranges::find(words, root) == words.end()) return {};
  return cat("an optional value follows an equals sign: ", name_of(last), "=", root);
}

std::string hint_of_image(const std::string& root, const Draft& draft) {
  if (std::string taken = hint_of_taken_word(draft); !taken.empty()) return taken;
  if (std::string left = hint_of_left_value(root, draft); !left.empty()) return left;
  std::string as_path = cat("for a directory write its path: ./", root);
  if (draft.around.is_there && draft.around.is_there(root)) return as_path;
  const std::string_view meant = nearest(root, kWords);
  return meant.empty() ? as_path : cat("did you mean ", meant, "?");
}

}  // namespace

Status read_root(const std::string& text, Draft& draft) {
  Root& root = draft.request.spec.root;
  root.origin = {text};
  if (text.empty()) return Error("use '' as a root file system", "ROOT is empty");
  if (text == "host") {
    root.what = HostRoot{};
  } else if (text == "empty") {
    root.what = EmptyRoot{};
  } else if (text == "." || text == ".." || (text.find('/') != std::string::npos && !is_image(text))) {
    root.what = DirectoryRoot{.path = text};
  } else {
    Error error(cat("use image ", text, " as a root file system"),
                "images are not supported by this version");
    if (is_image(text)) return error;
    return std::move(error).with_hint(hint_of_image(text, draft));
  }
  return {};
}

Error root_is_missing(const Draft& draft) {
  Error error("run a command", "ROOT is missing");
  std::string taken = hint_of_taken_word(draft);
  return std::move(error).with_hint(taken.empty() ? "kelp run [FLAG...] ROOT [COMMAND...]"
                                                  : std::move(taken));
}

}  // namespace kelp::cli
