// SPDX-License-Identifier: Apache-2.0
// --help of a verb, made from its table of flags.
#include "cli/help.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace kelp::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kHelpColumn = 30;

// Appends the words of text to out, whose last line is `column` long, breaking lines at kWidth.
void append_words(std::string& out, std::string_view text, std::size_t column, std::size_t indent) {
  bool is_first = true;
  for (const std::string_view word : split(text, ' ')) {
    if (!is_first && column + 1 + word.size() > kWidth) {
      out += cat('\n', std::string(indent, ' '));
      column = indent;
    } else if (!is_first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    is_first = false;
  }
  out += '\n';
}

std::string left_side(const FlagInfo& flag) {
  std::string out = flag.letter == 0 ? "      " : cat("  -", flag.letter, ", ");
  out += long_name(flag);
  switch (flag.takes) {
    case Takes::kNothing: break;
    case Takes::kValue: out += cat(' ', flag.value); break;
    case Takes::kOptionalValue: out += cat("[=", flag.value, ']'); break;
  }
  return out;
}

}  // namespace

std::string help_text(const HelpPage& page) {
  std::string out = cat("usage: ", page.usage, "\n");
  append_words(out, page.about, 0, 0);
  std::vector<std::string_view> groups;
  for (const FlagInfo& flag : page.flags) {
    if (std::find(groups.begin(), groups.end(), flag.group) == groups.end()) groups.push_back(flag.group);
  }
  for (const std::string_view group : groups) {
    out += cat('\n', group, ":\n");
    for (const FlagInfo& flag : page.flags) {
      if (flag.group != group) continue;
      const std::string left = left_side(flag);
      out += left;
      if (left.size() + 2 > kHelpColumn) {
        out += cat('\n', std::string(kHelpColumn, ' '));
      } else {
        out += std::string(kHelpColumn - left.size(), ' ');
      }
      append_words(out, flag.help, kHelpColumn, kHelpColumn);
    }
  }
  if (!page.after.empty()) out += cat('\n', page.after);
  return out;
}

}  // namespace kelp::cli
