// SPDX-License-Identifier: Apache-2.0
// CheckedSpec: the proof that a Spec makes sense by itself, whatever the machine.
#pragma once

#include "base/result.h"
#include "spec/spec.h"

namespace kelp {

class CheckedSpec {
 public:
  const Spec* operator->() const noexcept { return &spec_; }
  const Spec& operator*() const noexcept { return spec_; }

 private:
  friend Result<CheckedSpec> check(Spec spec);  // the only door
  explicit CheckedSpec(Spec spec) : spec_(std::move(spec)) {}
  Spec spec_;
};

// Finds every problem, not the first: overlapping or out-of-range maps, relative or empty destinations,
// offsets without a time namespace, names that are too long, contradictions. Touches nothing outside.
Result<CheckedSpec> check(Spec spec);

}  // namespace kelp
