// SPDX-License-Identifier: Apache-2.0
// The same case for each kind of PID 1: kelp's own child, and the embedded init. A suite of claims about PID
// 1, signals or the end of a container derives from EachInit; its kelp() and inside() add the flag by
// themselves.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "e2e/container.h"

namespace kelp::harness {

class EachInit : public testing::TestWithParam<const char*> {
 protected:
  static std::string init() { return GetParam(); }

  /// The flag behind the word "run".
  static Argv with_init(Argv words) {
    words.insert(std::find(words.begin(), words.end(), "run") + 1, init());
    return words;
  }
  static Outcome kelp(Argv arguments, RunOptions options = {}) {
    return harness::kelp(with_init(std::move(arguments)), std::move(options));
  }
  static Outcome inside(const std::string& script, Argv options = {}) {
    options.insert(options.begin(), init());
    return harness::inside(script, options);
  }
};

/// Behind the cases of a suite that derives from EachInit.
#define KELP_FOR_EACH_INIT(suite)                                                                    \
  INSTANTIATE_TEST_SUITE_P(Init, suite, testing::Values("--init=auto", "--init=enterable"),          \
                           [](const testing::TestParamInfo<const char*>& kind) {                     \
                             return std::string(kind.param) == "--init=auto" ? "Auto" : "Enterable"; \
                           })

}  // namespace kelp::harness
