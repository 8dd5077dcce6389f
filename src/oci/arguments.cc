// SPDX-License-Identifier: Apache-2.0
// argv → Arguments; see arguments.h. As runc has it: one dash or two, the value behind "=" or as the next
// word, flags before or behind the id, but where a command follows.
#include "oci/arguments.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/text.h"
#include "oci/arguments_table.h"

namespace kelp::oci {
namespace {

const VerbRow* row_of(Verb verb) {
  const auto found = std::ranges::find(verbs(), verb, &VerbRow::verb);
  return found == verbs().end() ? nullptr : &*found;
}

const Flag* flag_of(Verb verb, std::string_view name) {
  const auto found = std::ranges::find_if(flags(), [&](const Flag& flag) {
    const bool is_it = name.size() == 1 ? flag.letter == name[0] : flag.name == name;
    return is_it && (flag.verbs & only(verb)) != 0;
  });
  return found == flags().end() ? nullptr : &*found;
}

// "--name=value" in its parts.
struct Typed {
  std::string_view name;
  std::optional<std::string_view> value;
};
Typed parts_of(std::string_view word) {
  word.remove_prefix(word.starts_with("--") ? 2 : 1);
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return {.name = word, .value = {}};
  return {.name = word.substr(0, equals), .value = word.substr(equals + 1)};
}

std::optional<bool> read_switch(std::string_view text) {
  for (const std::string_view word : {"true", "True", "TRUE", "1", "t", "T"})
    if (text == word) return true;
  for (const std::string_view word : {"false", "False", "FALSE", "0", "f", "F"})
    if (text == word) return false;
  return std::nullopt;
}

Status set(Arguments& arguments, const Flag& flag, std::string_view value) {
  struct Setter {
    Arguments& to;
    std::string_view value;
    bool operator()(Switch at) const {
      const std::optional<bool> is_on = read_switch(value);
      to.*at = is_on.value_or(false);
      return is_on.has_value();
    }
    bool operator()(Text at) const {
      to.*at = std::string(value);
      return true;
    }
    bool operator()(Number at) const {
      constexpr std::uint64_t kMost = 1U << 20U;  // of descriptors
      to.*at = read_decimal(value, kMost);
      return (to.*at).has_value();
    }
    bool operator()(List at) const {
      (to.*at).emplace_back(value);
      return true;
    }
  };
  if (std::visit(Setter{arguments, value}, flag.to)) return {};
  return refusal(cat("invalid value ", shell_quoted(value), " for flag --", flag.name));
}

class Reading {
 public:
  explicit Reading(std::span<const std::string> args) : args_(args) {}

  Status globals() {
    while (is_flag()) {
      if (next() == "--") break;
      if (Status s = flag(); !s) return s;
    }
    return {};
  }

  Status verb() {
    if (at_ == args_.size() || out.help || out.version) return {};
    const std::string& word = args_[at_++];
    if (word == "help") {
      out.help = true;
      return {};
    }
    const auto found = std::ranges::find(verbs(), word, &VerbRow::name);
    if (found == verbs().end()) return refusal(cat("there is no command ", shell_quoted(word)));
    out.verb = found->verb;
    std::vector<std::string> words;
    if (Status s = rest(*found, words); !s || out.help) return s;
    return give(*found, std::move(words));
  }

  Arguments out;

 private:
  const std::string& next() const { return args_[at_]; }
  // A lone "-" is a word.
  bool is_flag() const { return at_ < args_.size() && next().size() > 1 && next().starts_with('-'); }

  Status flag() {
    const std::string& word = args_[at_++];
    const Typed typed = parts_of(word);
    if (typed.name == "help" || typed.name == "h") {
      out.help = true;
      return {};
    }
    const Flag* const flag = flag_of(out.verb, typed.name);
    if (flag == nullptr) {
      const std::string where = out.verb == Verb::kNone ? "" : cat(" for ", name_of(out.verb));
      return refusal(cat("flag provided but not defined", where, ": ", shell_quoted(word)));
    }
    if (typed.value) return set(out, *flag, *typed.value);
    if (std::holds_alternative<Switch>(flag->to)) return set(out, *flag, "true");
    if (at_ == args_.size()) return refusal(cat("flag needs an argument: ", word));
    return set(out, *flag, args_[at_++]);
  }

  Status rest(const VerbRow& row, std::vector<std::string>& words) {
    while (at_ < args_.size()) {
      if (is_flag() && (words.empty() || !row.ends_flags)) {
        if (next() != "--") {
          if (Status s = flag(); !s) return s;
          continue;
        }
        ++at_;
        words.insert(words.end(), args_.begin() + static_cast<std::ptrdiff_t>(at_), args_.end());
        return {};
      }
      words.push_back(args_[at_++]);
    }
    return {};
  }

  Status give(const VerbRow& row, std::vector<std::string> words) {
    if (words.size() < row.least)
      return refusal(cat(shell_quoted(row.name), " requires ", row.arguments, ": kelp-oci ", row.name, " ",
                         row.arguments));
    if (words.size() > row.most)
      return refusal(cat(shell_quoted(row.name), " takes no word ", shell_quoted(words[row.most])));
    if (row.least == 0) return {};
    out.id = std::move(words[0]);
    words.erase(words.begin());
    // As other runtimes have it: `exec ID -- COMMAND`.
    if (out.verb == Verb::kExec && !words.empty() && words[0] == "--") words.erase(words.begin());
    out.words = std::move(words);
    return {};
  }

  std::span<const std::string> args_;
  std::size_t at_ = 0;
};

Status check_choice(const std::optional<std::string>& value, std::string_view flag,
                    std::initializer_list<std::string_view> choices) {
  if (!value || std::ranges::find(choices, *value) != choices.end()) return {};
  return refusal(cat("invalid ", flag, ": ", shell_quoted(*value)));
}

Status check_values(const Arguments& arguments) {
  if (Status s = check_choice(arguments.log_format, "log-format", {"text", "json"}); !s) return s;
  if (Status s =
          check_choice(arguments.cgroup_manager, "cgroup-manager", {"cgroupfs", "systemd", "disabled"});
      !s)
    return s;
  if (Status s = check_choice(arguments.rootless, "rootless", {"true", "false", "auto"}); !s) return s;
  if (Status s = check_choice(arguments.format, "format option", {"table", "json"}); !s) return s;
  if (arguments.no_pivot)
    return refusal("--no-pivot is not supported: without pivot_root a container can get out of its root");
  if (arguments.verb != Verb::kExec) return {};
  if (arguments.process && !arguments.words.empty())
    return refusal(
        cat("exec takes either --process or a command, not both: ", shell_quoted(arguments.words.front())));
  if (!arguments.process && arguments.words.empty())
    return refusal(cat("exec in ", shell_quoted(arguments.id), " needs a command, or --process"));
  return {};
}

std::string flag_line(const Flag& flag) {
  std::string names = cat("  --", flag.name);
  if (flag.letter != 0) names = cat("  -", flag.letter, ", --", flag.name);
  if (!flag.value.empty()) names += cat(" ", flag.value);
  constexpr std::size_t kColumn = 36;
  if (names.size() + 1 < kColumn)
    names.append(kColumn - names.size(), ' ');
  else
    names += ' ';
  return cat(names, flag.help, "\n");
}

}  // namespace

Error refusal(std::string sentence) {
  return Error(std::move(sentence), "").with_part(FailedPart::kUsage, "");
}

std::string_view name_of(Verb verb) {
  const VerbRow* const row = row_of(verb);
  return row == nullptr ? std::string_view() : row->name;
}

Result<Arguments> read_arguments(std::span<const std::string> args) {
  Reading reading(args);
  if (Status s = reading.globals(); !s) return s.error();
  if (Status s = reading.verb(); !s) return s.error();
  if (reading.out.verb == Verb::kNone && !reading.out.version) reading.out.help = true;
  if (reading.out.help || reading.out.version) return std::move(reading.out);
  if (Status s = check_values(reading.out); !s) return s.error();
  return std::move(reading.out);
}

Arguments log_flags_of(std::span<const std::string> args) {
  Reading reading(args);
  (void)reading.globals();
  return std::move(reading.out);
}

std::string help_text(Verb verb) {
  std::string out;
  if (const VerbRow* const row = row_of(verb)) {
    out = cat("kelp-oci ", row->name, " [OPTION...]", row->arguments.empty() ? "" : " ", row->arguments, "\n",
              row->help, "\n\n");
  } else {
    out =
        "kelp-oci [OPTION...] COMMAND [OPTION...] [ARG...]\nan OCI runtime, with the command line of "
        "runc\n\n";
    for (const VerbRow& each : verbs()) {
      std::string line = cat("  ", each.name, " ", each.arguments);
      constexpr std::size_t kColumn = 28;
      if (line.size() < kColumn) line.append(kColumn - line.size(), ' ');
      out += cat(line, each.help, "\n");
    }
    out += "\n";
  }
  for (const Flag& flag : flags())
    if ((flag.verbs & only(verb)) != 0) out += flag_line(flag);
  return out;
}

std::vector<std::string> flag_names() {
  std::vector<std::string> names = {"--help"};
  for (const Flag& flag : flags()) {
    names.push_back(cat("--", flag.name));
    if (flag.letter != 0) names.push_back(cat("-", flag.letter));
  }
  std::ranges::sort(names);
  const auto doubles = std::ranges::unique(names);
  names.erase(doubles.begin(), doubles.end());
  return names;
}

std::optional<int> read_signal(std::string_view text) {
  constexpr std::uint64_t kMost = 64;
  if (const std::optional<std::uint64_t> number = read_decimal(text, kMost)) return static_cast<int>(*number);
  std::string name(text);
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  std::string_view plain = name;
  if (plain.starts_with("SIG")) plain.remove_prefix(3);
  for (int number = 1; number < SIGRTMIN; ++number) {
    const char* const known = ::sigabbrev_np(number);
    if (known != nullptr && plain == known) return number;
  }
  // Counted from either end (signal(7)).
  const int low = SIGRTMIN;
  const int high = SIGRTMAX;
  const auto count = static_cast<std::uint64_t>(high - low);
  if (plain == "RTMIN") return low;
  if (plain == "RTMAX") return high;
  if (plain.starts_with("RTMIN+")) {
    const std::optional<std::uint64_t> offset = read_decimal(plain.substr(6), count);
    if (offset) return low + static_cast<int>(*offset);
  }
  if (plain.starts_with("RTMAX-")) {
    const std::optional<std::uint64_t> offset = read_decimal(plain.substr(6), count);
    if (offset) return high - static_cast<int>(*offset);
  }
  return std::nullopt;
}

}  // namespace kelp::oci
