// SPDX-License-Identifier: Apache-2.0
// config.json: read, it ends in a Spec or in a refusal, and what is read
// twice is the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "oci/config.h"
#include "oci/exec.h"
#include "spec/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kelp;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto yes = [] { return true; };
  const oci::Surroundings around = {.bundle = "/b", .id = "c", .has_apparmor = yes, .has_selinux = yes};
  const Result<oci::Config> config = oci::read_config(bytes, around);
  if (!config) {
    (void)config.error().sentence();
    return 0;
  }
  const Result<oci::Config> again = oci::read_config(bytes, around);
  if (!again || !(*again == *config)) std::abort();
  (void)check(config->spec);
  (void)oci::exec_spec(*config, {});
  return 0;
}
