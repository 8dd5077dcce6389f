// SPDX-License-Identifier: Apache-2.0
// The tables of filters (default.txt, sets.txt) as values. Line by line, # begins a comment:
//   filter NAME                               a filter begins
//   otherwise ANSWER                          what calls get that no list has
//   elsewhere ANSWER                          what programs of another architecture get (kill where it is not
//   said) x32 same                                  x32 is answered as x86-64 is, where others refuse it
//   allow  REASON  /  refuse ANSWER  REASON   a list begins; indented lines after it hold names
//   refuse ANSWER @SET  REASON                a list that --seccomp=@SET gives back: allowed then
//   notify/ANSWER  REASON                     a list that kelp's supervisor answers; i386 gets the ANSWER
//   pretend  REASON                           a list of calls that are not done, and say that they were
//   if NAME argN TEST... ANSWER else ANSWER   by an argument; TEST is =VALUE or &BITS, one of them must hold;
//                                             argN&MASK looks at these bits of it, and `and argM TEST...`
//                                             before the ANSWER wants something of another one too
// ANSWER is allow, kill, success (not done), the name of an errno, or one of notify/allow and notify/success
// (which is no errno). Runs while kelp is built.
#pragma once

#include <linux/seccomp.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "spec/seccomp.h"

namespace kelp::filters {

using Answer = std::uint32_t;  // SECCOMP_RET_*

// The supervisor speaks the machine's own interface only; the data tell what others get, and the kernel does
// not look at those of this action.
inline constexpr Answer kNotifyOrAllow = SECCOMP_RET_USER_NOTIF | 0;
inline constexpr Answer kNotifyOrPretend = SECCOMP_RET_USER_NOTIF | 1;

struct Test {
  enum class Kind { kEqual, kAnyBit } kind = Kind::kEqual;
  std::uint32_t value = 0;
  bool operator==(const Test&) const = default;
};

inline constexpr std::uint32_t kAllBits = 0xFFFFFFFF;

// Of the low 32 bits of an argument: all that the kernel looks at for what is compared here.
struct Condition {
  unsigned argument = 0;
  std::uint32_t mask = kAllBits;
  std::vector<Test> tests;
  Answer otherwise = 0;
  bool operator==(const Condition&) const = default;
};

struct Rule {
  std::string name;
  Answer answer = 0;
  std::vector<Condition> conditions;  // `answer` is what they give where a test of each holds
  std::optional<GivingSet> given_back_by = {};
  bool operator==(const Rule&) const = default;
};

struct Table {
  std::string name;
  Answer otherwise = 0;
  std::vector<Rule> rules;
  Answer elsewhere = SECCOMP_RET_KILL_PROCESS;
  bool counts_x32 = false;
};

Result<std::vector<Table>> read_tables(const std::string& text);

// The sets that give back something of it.
GivingSets sets_of(const Table& table);
// The table where these sets were asked for.
Table with_given_back(Table table, GivingSets sets);

// The table as it is for interfaces that the supervisor does not speak.
Table of_other_interfaces(Table table);

// numbers.txt.
struct KnownNumber {
  std::string name;
  std::uint32_t number = 0;
  std::string where;  // all, x86-64 or i386
};
Result<std::vector<KnownNumber>> read_numbers(const std::string& text);

}  // namespace kelp::filters
