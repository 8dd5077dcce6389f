// SPDX-License-Identifier: Apache-2.0
// What is measured, as data: each row a piece of work, its budget, and the command line of each contender. To
// change how a contender is called, change one line of rows.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kelp::bench {

// The command is words between blanks; the first is a program: `floor` and `kelp` are the bench's own and the
// measured one, any other is looked up on PATH, and a contender without its program is left out.
// Placeholders:
//   {root} {sources} {bundle} {state}   directories of the scene     {n}   the number of binds
//   {-v}         n times: -v SOURCE:TARGET:ro        {--ro-bind}   n times: --ro-bind SOURCE TARGET
struct Contender {
  std::string name;
  std::string command;
};

struct Row {
  std::string name;
  std::string work;
  int binds = 0;
  int at_once = 1;                          // so many are started together
  std::optional<double> max_of_floor = {};  // the most that kelp may take, as a ratio to the floor
  std::optional<double> max_of_bwrap = {};  // the same, to bubblewrap
  std::vector<Contender> contenders = {};
  std::string share_name = {};     // what "NAME" does more than "NAME, WITHOUT", if the row has such pairs
  std::string share_without = {};  // "one id"
};

std::vector<Row> rows();

// The programs that `--peers` insists on.
std::vector<std::string_view> peer_programs();

// The work whose peak memory is looked at, and the largest allowed of kelp's own process, in MiB.
constexpr std::string_view kMemoryRow = "minimal";
constexpr double kMaxMemoryMiB = 6;

// The rows whose system calls and allocations are counted for `linear`: this, with other numbers of binds.
// What a mount costs at the largest number may be at most so many times what it costs at the smallest (a sum
// that grows with the square would be 100 times it; growing vectors make the bytes uneven).
constexpr std::string_view kLinearRow = "binds-100";
constexpr int kLinearCounts[] = {100, 1000, 10000};
constexpr double kMaxCallGrowth = 1.1;
constexpr double kMaxByteGrowth = 1.5;

}  // namespace kelp::bench
