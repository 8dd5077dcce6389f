// SPDX-License-Identifier: Apache-2.0
// CDI files, as JSON and by way of YAML: read, they end in values or in a refusal.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "formats/cdi.h"
#include "sys/libyaml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)kelp::formats::read_cdi(bytes, "FILE");
  (void)kelp::formats::read_cdi_name(bytes);
  if (const auto json = kelp::sys::json_of_yaml(bytes)) (void)kelp::formats::read_cdi(*json, "FILE");
  return 0;
}
