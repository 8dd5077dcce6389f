// SPDX-License-Identifier: Apache-2.0
// config.json, resources and processes of exec: read, they end in a Spec or in a refusal, and what is read
// twice is the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "oci/config.h"
#include "oci/exec.h"
#include "oci/resources.h"
#include "spec/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kelp;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto yes = [] { return true; };
  const oci::Surroundings around = {.bundle = "/b", .id = "c", .has_apparmor = yes, .has_selinux = yes};
  const Result<oci::Config> config = oci::read_config(bytes, around);
  (void)oci::read_resources_document(bytes);
  if (!config) {
    (void)config.error().sentence();
    return 0;
  }
  const Result<oci::Config> again = oci::read_config(bytes, around);
  if (!again || !(*again == *config)) std::abort();
  (void)check(config->spec);
  (void)oci::exec_spec(*config, {.process = std::string(bytes)}, around);
  (void)oci::exec_spec(*config, {.args = {"a"}, .user = std::string(bytes)}, around);
  return 0;
}
