// SPDX-License-Identifier: Apache-2.0
// How a failure reads: one sentence, whatever bytes its parts hold.
#include "base/error.h"

#include "base/text.h"

namespace kelp {

Error Error::all_of(std::vector<Error> problems) {
  Error first = std::move(problems.front());
  problems.erase(problems.begin());
  first.others_ = std::move(problems);
  return first;
}

Error Error::after(std::string purpose) && {
  if (purpose_.empty()) purpose_ = std::move(purpose);
  return std::move(*this);
}

Error Error::with_hint(std::string hint) && {
  hint_ = std::move(hint);
  return std::move(*this);
}

Error Error::with_part(FailedPart part, std::string object) && {
  if (part_ == FailedPart::kOther) {
    part_ = part;
    object_ = std::move(object);
  }
  return std::move(*this);
}

Error Error::with_code(int code) && {
  code_ = code;
  return std::move(*this);
}

Error Error::with_status(int status) && {
  status_ = status;
  return std::move(*this);
}

std::string Error::sentence() const {
  std::string out = cat("cannot ", action_);
  if (!reason_.empty()) out += cat(": ", reason_);
  if (!purpose_.empty()) out += cat(" (", purpose_, ")");
  return printable(out);
}

}  // namespace kelp
