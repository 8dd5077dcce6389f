// SPDX-License-Identifier: Apache-2.0
// A small root whose containers keep what is pretended of files (--fake-root=consistent), or do not.
#pragma once

#include <string>
#include <utility>

#include "e2e/container.h"

namespace kelp::harness {

class KeptRoot : public testing::Test {
 protected:
  Outcome in(const std::string& script, Argv options = {}) const {
    options.insert(options.begin(), {"--userns=single", "--fake-root=consistent"});
    return inside(script, options, root);
  }
  Outcome simply(const std::string& script, Argv options = {}) const {
    options.insert(options.begin(), {"--userns=single", "--fake-root=simple"});
    return inside(script, options, root);
  }
  // With the payload at /payload.
  Outcome with(const std::string& name, const std::string& script, Argv options = {}) const {
    return in(script, share_payload(name, std::move(options)));
  }
  std::string beside() const { return root + ".kelp-owners"; }

  TempDir here;
  std::string root = make_small_root(here);
};

}  // namespace kelp::harness
