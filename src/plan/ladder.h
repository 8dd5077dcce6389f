// SPDX-License-Identifier: Apache-2.0
// Where a container stands on the ladder, and what it still is there. Inside plan/ only.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "host/facts.h"
#include "plan/policy.h"
#include "plan/steps.h"
#include "spec/spec.h"

namespace kelp::plan {

// A part of the machine's own file system that the command reaches on the rung "landlock".
struct ShownPath {
  std::string path;
  bool is_writable = false;
  bool follow = true;
  bool optional = true;  // absent: nothing is shown
  Origin origin = {};
};

// What is left of a Spec on a rung.
struct Descent {
  Rung rung = Rung::kFull;
  std::string because;  // why not higher
  Spec spec;
  std::vector<ShownPath> shown;  // on the rung "landlock"
  Policy policy;                 // what was asked for and is gone
};

// The highest rung that the facts allow. Refuses where it is lower than the Spec allows, and names all that
// the Spec asks for and the rung cannot express, with the rung that could.
Result<Descent> descend(const Spec& spec, const host::Facts& facts);

// What root may keep on a rung without namespaces. may_kill: kelp has CAP_KILL around it.
CapabilityMask most_capabilities(Rung rung, bool may_kill);

// The two lowest rungs' part of build() (rungs.cc): how far the files go, without any mount.
Status plan_files(const Descent& descent, const host::Facts& facts, Steps& steps);

// What must be known of the machine before descend().
void need_for_ladder(const Spec& spec, host::Needs& needs);

// What the two lowest rungs show, in the order asked for (shown.cc).
class Shown {
 public:
  Shown(const Spec& spec, const host::Facts& facts);
  // Nothing: it is shown, or was never there. Else why it cannot be.
  std::string show(const Bind& bind, const Origin& origin);
  std::string hide(const Hide& hide) const;
  void show(ShownPath path) { paths_.push_back(std::move(path)); }
  std::vector<ShownPath> take() && { return std::move(paths_); }

 private:
  std::string real(const std::string& path) const;
  const host::Facts& facts_;
  std::vector<ShownPath> paths_;
};

}  // namespace kelp::plan
