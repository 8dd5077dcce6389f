// SPDX-License-Identifier: Apache-2.0
// The tables of filters as values; see table.h.
#include "filters/compiler/table.h"

#include <linux/seccomp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace kelp::filters {
namespace {

std::optional<Answer> read_answer(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, Answer>, 11> kAnswers = {{
      {"allow", SECCOMP_RET_ALLOW},
      {"kill", SECCOMP_RET_KILL_PROCESS},
      {"success", SECCOMP_RET_ERRNO | 0},
      {"notify/allow", kNotifyOrAllow},
      {"notify/success", kNotifyOrPretend},
      {"EPERM", SECCOMP_RET_ERRNO | EPERM},
      {"EACCES", SECCOMP_RET_ERRNO | EACCES},
      {"ENOSYS", SECCOMP_RET_ERRNO | ENOSYS},
      {"EAFNOSUPPORT", SECCOMP_RET_ERRNO | EAFNOSUPPORT},
      {"EPROTONOSUPPORT", SECCOMP_RET_ERRNO | EPROTONOSUPPORT},
      {"EOPNOTSUPP", SECCOMP_RET_ERRNO | EOPNOTSUPP},
  }};
  for (const auto& [name, answer] : kAnswers) {
    if (name == word) return answer;
  }
  return std::nullopt;
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> out;
  for (const std::string_view word : split(line.substr(0, line.find('#')), ' ')) {
    if (!word.empty()) out.emplace_back(word);
  }
  return out;
}

std::optional<std::uint32_t> read_value(std::string_view text) {
  const int base = text.starts_with("0x") ? 16 : 10;
  if (base == 16) text.remove_prefix(2);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// argN or argN&MASK, without its tests.
std::optional<Condition> read_argument(std::string_view word) {
  const std::size_t end = word.find('&');
  if (!word.starts_with("arg") || word.substr(0, end).size() != 4) return std::nullopt;
  const auto argument = read_value(word.substr(3, 1));
  const auto mask = end == std::string_view::npos ? kAllBits : read_value(word.substr(end + 1));
  if (!argument || *argument > 5 || !mask) return std::nullopt;
  return Condition{.argument = *argument, .mask = *mask, .tests = {}};
}

std::optional<Test> read_test(std::string_view word) {
  const auto value = read_value(word.substr(1));
  if (!value || (word[0] != '=' && word[0] != '&')) return std::nullopt;
  return Test{.kind = word[0] == '=' ? Test::Kind::kEqual : Test::Kind::kAnyBit, .value = *value};
}

// if NAME argN TEST... [and argN TEST...] ANSWER else ANSWER
std::optional<Rule> read_condition(const std::vector<std::string>& words) {
  const std::size_t count = words.size();
  if (count < 7 || words[count - 2] != "else") return std::nullopt;
  const auto answer = read_answer(words[count - 3]);
  const auto otherwise = read_answer(words[count - 1]);
  if (!answer || !otherwise) return std::nullopt;
  Rule rule{.name = words[1], .answer = *answer, .conditions = {}};
  for (std::size_t i = 2; i + 3 < count; ++i) {
    if (i == 2 || words[i] == "and") {
      std::optional<Condition> begun = read_argument(words[i == 2 ? i : ++i]);
      if (!begun) return std::nullopt;
      begun->otherwise = *otherwise;
      rule.conditions.push_back(*std::move(begun));
      continue;
    }
    const auto test = read_test(words[i]);
    if (!test) return std::nullopt;
    rule.conditions.back().tests.push_back(*test);
  }
  const bool is_whole = std::none_of(rule.conditions.begin(), rule.conditions.end(),
                                     [](const Condition& one) { return one.tests.empty(); });
  return is_whole ? std::optional(std::move(rule)) : std::nullopt;
}

class Reader {
 public:
  // False: the line means nothing.
  bool read(std::string_view line) {
    const std::vector<std::string> words = words_of(line);
    if (words.empty()) return true;
    if (words[0] == "filter" && words.size() == 2) {
      tables.push_back({.name = words[1], .otherwise = 0, .rules = {}});
      list_.reset();
      return true;
    }
    if (tables.empty()) return false;
    Table& table = tables.back();
    if (line.starts_with(' ')) {
      if (!list_) return false;
      for (const std::string& name : words)
        table.rules.push_back(
            {.name = name, .answer = *list_, .conditions = {}, .given_back_by = given_back_by_});
      return true;
    }
    list_.reset();
    given_back_by_.reset();
    if (words[0] == "otherwise" && words.size() == 2) {
      const auto answer = read_answer(words[1]);
      table.otherwise = answer.value_or(0);
      return answer.has_value();
    }
    if (words[0] == "elsewhere" && words.size() == 2) {
      const auto answer = read_answer(words[1]);
      table.elsewhere = answer.value_or(0);
      return answer.has_value();
    }
    if (words == std::vector<std::string>{"x32", "same"}) return table.counts_x32 = true;
    if (words[0] == "if") {
      std::optional<Rule> rule = read_condition(words);
      if (!rule) return false;
      table.rules.push_back(*std::move(rule));
      return true;
    }
    if (words[0] == "pretend") {
      list_ = read_answer("success");
      return true;
    }
    if (words[0].starts_with("notify/")) {
      list_ = read_answer(words[0]);
      return list_.has_value();
    }
    const bool is_allow = words[0] == "allow";
    if (!is_allow && (words[0] != "refuse" || words.size() < 2)) return false;
    list_ = read_answer(is_allow ? words[0] : words[1]);
    if (is_allow || words.size() < 3 || !words[2].starts_with('@')) return list_.has_value();
    given_back_by_ = read_giving_set(words[2].substr(1));
    return list_.has_value() && given_back_by_.has_value();
  }

  std::vector<Table> tables;

 private:
  std::optional<Answer> list_;
  std::optional<GivingSet> given_back_by_;  // what the list has
};

}  // namespace

Result<std::vector<Table>> read_tables(const std::string& text) {
  Reader reader;
  for (const std::string_view line : split(text, '\n')) {
    if (!reader.read(line)) return Error("read the table of filters", cat("'", line, "' means nothing"));
  }
  return std::move(reader.tables);
}

GivingSets sets_of(const Table& table) {
  GivingSets sets = 0;
  for (const Rule& rule : table.rules) {
    if (rule.given_back_by) sets |= bit_of(*rule.given_back_by);
  }
  return sets;
}

Table with_given_back(Table table, GivingSets sets) {
  for (Rule& rule : table.rules) {
    if (rule.given_back_by && (sets & bit_of(*rule.given_back_by)) != 0) rule.answer = SECCOMP_RET_ALLOW;
  }
  return table;
}

Table of_other_interfaces(Table table) {
  for (Rule& rule : table.rules) {
    if (rule.answer == kNotifyOrAllow) rule.answer = SECCOMP_RET_ALLOW;
    if (rule.answer == kNotifyOrPretend) rule.answer = SECCOMP_RET_ERRNO | 0;
  }
  return table;
}

Result<std::vector<KnownNumber>> read_numbers(const std::string& text) {
  std::vector<KnownNumber> out;
  for (const std::string_view line : split(text, '\n')) {
    const std::vector<std::string> words = words_of(line);
    if (words.empty()) continue;
    const auto number = words.size() == 3 ? read_value(words[1]) : std::nullopt;
    if (!number || (words[2] != "all" && words[2] != "x86-64" && words[2] != "i386"))
      return Error("read the table of numbers", cat("'", line, "' means nothing"));
    out.push_back({.name = words[0], .number = *number, .where = words[2]});
  }
  return out;
}

}  // namespace kelp::filters
