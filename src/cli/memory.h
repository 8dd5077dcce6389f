// SPDX-License-Identifier: Apache-2.0
// A command line with all that was asked of its surroundings, and each answer: read again, it says the same,
// whatever files, profiles and variables have become of meanwhile.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cli/surroundings.h"
#include "spec/spec.h"

namespace kelp::cli {

struct Memory {
  std::vector<std::string> args;
  std::vector<std::string> environment;
  std::string working_directory;
  bool has_terminal = false;
  // By which of the functions was asked, and what for. An answer is one or more words.
  using Question = std::pair<std::string, std::string>;
  std::map<Question, std::vector<std::string>> answers = {};
};

// The same surroundings, which note in `memory` what they are asked. It must outlive them.
Surroundings remembering(Surroundings around, Memory& memory);

// What was asked, and of the environment only what counts: what has gone into the Spec, and the variables
// that kelp itself looks at.
void remember(Memory& memory, std::span<const std::string> args, const Surroundings& around,
              const Spec& spec);

// What was not asked has no answer.
Surroundings surroundings_of(const Memory& memory);

// Each word with its length in front: it may hold any byte.
std::string text_of(const Memory& memory);
Result<Memory> read_memory(std::string_view text);

}  // namespace kelp::cli
