// SPDX-License-Identifier: Apache-2.0
// Rules → classic BPF; see emit.h.
#include "filters/compiler/emit.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "base/text.h"

namespace kelp::filters {
namespace {

constexpr std::size_t kMostSkipped = 255;  // what a conditional jump can

FilterInstruction statement(unsigned code, std::uint32_t operand) {
  return {.code = static_cast<std::uint16_t>(code), .operand = operand};
}
FilterInstruction jump(unsigned test, std::uint32_t value, std::size_t if_true, std::size_t if_false) {
  return {.code = static_cast<std::uint16_t>(BPF_JMP | test | BPF_K),
          .if_true = static_cast<std::uint8_t>(if_true),
          .if_false = static_cast<std::uint8_t>(if_false),
          .operand = value};
}
FilterInstruction load(std::size_t offset) {
  return statement(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
FilterInstruction answer(Answer value) { return statement(BPF_RET | BPF_K, value); }

void append(FilterCode& to, const FilterCode& what) { to.insert(to.end(), what.begin(), what.end()); }

// Numbers from `first` up to the next range get the same.
struct Range {
  std::uint32_t first = 0;
  Answer answer = 0;
  const Rule* conditional = nullptr;
};

bool is_same(const Range& a, const Range& b) {
  return a.answer == b.answer && a.conditional == nullptr && b.conditional == nullptr;
}

std::vector<Range> ranges_of(const Table& table, const Architecture& architecture) {
  std::vector<NumberRule> numbers = architecture.numbers;
  std::sort(numbers.begin(), numbers.end(),
            [](const NumberRule& a, const NumberRule& b) { return a.number < b.number; });
  std::vector<Range> all = {{.first = 0, .answer = table.otherwise}};
  const auto add = [&](Range range) {
    if (range.first == all.back().first) all.pop_back();
    if (all.empty() || !is_same(all.back(), range)) all.push_back(range);
  };
  for (const NumberRule& one : numbers) {
    const Rule* conditional = one.rule->conditions.empty() ? nullptr : one.rule;
    add({.first = one.number, .answer = one.rule->answer, .conditional = conditional});
    add({.first = one.number + 1, .answer = table.otherwise});
  }
  if (architecture.foreign_from != 0)
    add({.first = architecture.foreign_from, .answer = SECCOMP_RET_ERRNO | ENOSYS});
  return all;
}

// The tests of a condition in a row, each jumping behind them all: to the next condition, or to the answer.
FilterCode by_argument(const Rule& rule) {
  FilterCode code;
  for (const Condition& condition : rule.conditions) {
    code.push_back(load(offsetof(seccomp_data, args) + 8 * std::size_t{condition.argument}));
    if (condition.mask != kAllBits) code.push_back(statement(BPF_ALU | BPF_AND | BPF_K, condition.mask));
    std::size_t left = condition.tests.size();
    for (const Test& test : condition.tests) {
      code.push_back(jump(test.kind == Test::Kind::kEqual ? BPF_JEQ : BPF_JSET, test.value, left--, 0));
    }
    code.push_back(answer(condition.otherwise));
  }
  code.push_back(answer(rule.answer));
  return code;
}

FilterCode tree(std::span<const Range> ranges) {
  if (ranges.size() == 1) {
    const Range& range = ranges.front();
    return range.conditional == nullptr ? FilterCode{answer(range.answer)} : by_argument(*range.conditional);
  }
  const std::size_t middle = ranges.size() / 2;
  const FilterCode lower = tree(ranges.first(middle));
  const FilterCode upper = tree(ranges.subspan(middle));
  FilterCode code;
  if (lower.size() <= kMostSkipped) {
    code.push_back(jump(BPF_JGE, ranges[middle].first, lower.size(), 0));
  } else {
    code.push_back(jump(BPF_JGE, ranges[middle].first, 0, 1));
    code.push_back(statement(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(lower.size())));
  }
  append(code, lower);
  append(code, upper);
  return code;
}

}  // namespace

Result<FilterCode> emit(const Table& table, std::span<const Architecture> architectures) {
  FilterCode code = {load(offsetof(seccomp_data, arch))};
  for (const Architecture& architecture : architectures) {
    FilterCode part = {load(offsetof(seccomp_data, nr))};
    if (architecture.same_bit != 0)
      part.push_back(statement(BPF_ALU | BPF_AND | BPF_K, ~architecture.same_bit));
    append(part, tree(ranges_of(table, architecture)));
    code.push_back(jump(BPF_JEQ, architecture.token, 0, 1));
    // The next instruction is the jump over this part's code: it is not ours.
    code.back().if_true = 1;
    code.back().if_false = 0;
    code.push_back(statement(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(part.size())));
    append(code, part);
  }
  code.push_back(answer(table.elsewhere));
  if (code.size() > kMaxFilterInstructions) {
    return Error(cat("compile the filter ", table.name),
                 cat("it has ", code.size(), " instructions, and the kernel takes ", kMaxFilterInstructions));
  }
  return code;
}

}  // namespace kelp::filters
