// SPDX-License-Identifier: Apache-2.0
// resources.blockIO: weights and rates, of all devices or of one.
#include <optional>

#include "base/text.h"
#include "oci/resource_files.h"

namespace kelp::oci {
namespace {

constexpr std::int64_t kMostMajor = (1 << 12) - 1, kMostMinor = (1 << 20) - 1;
constexpr std::uint64_t kLeastWeight = 10, kMostWeight = 1000;  // of version 1, and of the scheduler BFQ

// 10 … 1000 on a line to 1 … 10000, as runc and crun have it.
std::uint64_t io_weight_of(std::uint64_t weight) {
  return 1 + (weight - kLeastWeight) * 9999 / (kMostWeight - kLeastWeight);
}

std::optional<std::uint64_t> weight_of(const Section& section, const char* key) {
  const auto weight = section.number(key, kMostWeight);
  if (!weight || *weight == 0) return std::nullopt;
  if (*weight >= kLeastWeight) return weight;
  section.refuse(key, cat(*weight, " is less than ", kLeastWeight));
  return std::nullopt;
}

void refuse_leaf(const Section& section) {
  if (section.number("leafWeight", UINT16_MAX).value_or(0) != 0)
    section.refuse("leafWeight", "cgroup version 2 has no such weight");
}

// "8:0"
std::string number_of(const Section& device) {
  for (const char* key : {"major", "minor"}) {
    if (!device.has(key)) device.refuse(key, "it is missing");
  }
  return cat(device.integer("major", 0, kMostMajor).value_or(0), ":",
             device.integer("minor", 0, kMostMinor).value_or(0));
}

void read_rates(const Section& block, const char* key, std::string_view word, CgroupSettings& into) {
  for (const Section& device : block.objects(key)) {
    const std::string number = number_of(device);
    const std::uint64_t rate = device.needed_number("rate", UINT64_MAX);
    into.files.push_back({.file = "io.max",
                          .value = cat(number, " ", word, "=", rate == 0 ? "max" : std::to_string(rate)),
                          .origin = {device.path()}});
  }
}

}  // namespace

void read_block_io(const Section& resources, CgroupSettings& into) {
  const Section block = resources.object("blockIO");
  if (!block) return;
  refuse_leaf(block);
  if (const auto weight = weight_of(block, "weight")) {
    add_file(into, block, "weight",
             {.file = "io.bfq.weight",
              .value = std::to_string(*weight),
              .else_file = "io.weight",
              .else_value = cat("default ", io_weight_of(*weight))});
  }
  for (const Section& device : block.objects("weightDevice")) {
    refuse_leaf(device);
    const std::string number = number_of(device);
    const auto weight = weight_of(device, "weight");
    if (!weight) continue;
    into.files.push_back({.file = "io.bfq.weight",
                          .value = cat(number, " ", *weight),
                          .else_file = "io.weight",
                          .else_value = cat(number, " ", io_weight_of(*weight)),
                          .origin = {device.path()}});
  }
  read_rates(block, "throttleReadBpsDevice", "rbps", into);
  read_rates(block, "throttleWriteBpsDevice", "wbps", into);
  read_rates(block, "throttleReadIOPSDevice", "riops", into);
  read_rates(block, "throttleWriteIOPSDevice", "wiops", into);
}

}  // namespace kelp::oci
