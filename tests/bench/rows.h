// SPDX-License-Identifier: Apache-2.0
// What is measured, as data: each row a piece of work, its budgets, and the command line of each contender.
// To change how a contender is called, change one line of rows.cc.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace kelp::bench {

// A command is words between blanks, and several are joined by " && ": they run one after the other, and
// their times are added. The first word of each is a program: `floor` and `kelp` are the bench's own and the
// measured one, any other is looked up on PATH, and a contender without its program is left out.
// Placeholders:
//   {root} {sources} {state}   directories of the scene             {n}   the number of binds
//   {bundle} {waiting} {idle}  OCI bundles of the scene: the command ends at once, with its stdin, never
//   {binds}                    another one, with n binds
//   {-v}         n times: -v SOURCE:TARGET:ro        {--ro-bind}   n times: --ro-bind SOURCE TARGET
struct Contender {
  std::string name;
  std::string command;
  // Not measured: what must be there before the first round, and what goes after the last.
  std::string before = {};
  std::string after = {};
};

// The most that kelp may take.
struct Budget {
  std::string to;  // as a ratio to this contender
  double max = 0;
};

struct Row {
  std::string name;
  std::string work;
  int binds = 0;
  int at_once = 1;  // so many are started together
  // Each contender's time is told as a ratio to these two.
  std::array<std::string, 2> references = {"floor", "bwrap"};
  std::vector<Budget> budgets = {};
  std::vector<Contender> contenders = {};
  std::string share_name = {};     // what "NAME" does more than "NAME, WITHOUT", if the row has such pairs
  std::string share_without = {};  // "one id"
};

std::vector<Row> rows();

// The programs that `--peers` insists on.
std::vector<std::string_view> peer_programs();

// Work whose peak memory is looked at. The command lasts until its stdin ends.
struct MemoryRow {
  std::string name;
  std::string work;
  double max_mib = 0;   // of kelp's own process; 0: there is no such budget
  std::string most_of;  // kelp may take no more than this contender; empty: there is no such budget
  std::vector<Contender> contenders;
};
std::vector<MemoryRow> memory_rows();

// Work whose system calls and allocations are counted at several numbers of binds. What a mount costs at the
// largest number may be at most so many times what it costs at the smallest (a sum that grows with the square
// would be 100 times it; growing vectors make the bytes uneven).
struct LinearRow {
  std::string name;
  std::vector<Contender> contenders;
};
std::vector<LinearRow> linear_rows();
constexpr int kLinearCounts[] = {100, 1000, 10000};
constexpr double kMaxCallGrowth = 1.1;
constexpr double kMaxByteGrowth = 1.5;

}  // namespace kelp::bench
