// SPDX-License-Identifier: Apache-2.0
// Profiles in JSON, and raw BPF, that somebody handed to kelp: read and checked, they end in values or in a
// refusal.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "formats/seccomp_json.h"
#include "spec/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)kelp::formats::read_seccomp_profile(bytes, {.capabilities = 1});
  if (const auto code = kelp::read_filter_code(bytes)) {
    kelp::Spec spec;
    spec.seccomp.filters.push_back({.what = kelp::FilterProgram{.code = *code}, .origin = {}});
    (void)kelp::check(std::move(spec));
  }
  return 0;
}
