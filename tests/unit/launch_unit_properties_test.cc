// SPDX-License-Identifier: Apache-2.0
// What systemd is told of a cgroup's limits, and of properties that somebody wrote.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/text.h"
#include "launch/unit_properties.h"

namespace kelp::launch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Shown {
  std::string operator()(const std::string& text) const { return cat("'", text, "'"); }
  std::string operator()(std::uint64_t number) const { return cat("t ", number); }
  std::string operator()(std::int32_t number) const { return cat("i ", number); }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(const std::vector<std::uint32_t>& numbers) const {
    return cat("au ", numbers.size());
  }
};

std::vector<std::string> told(const std::string& file, const std::string& value) {
  std::vector<std::string> out;
  for (const Property& property : properties_of_limits({{.file = file, .value = value}}))
    out.push_back(cat(property.name, "=", std::visit(Shown(), property.value)));
  return out;
}

std::string read(const std::string& value) {
  const Result<Property> property = read_property({.name = "P", .value = value, .origin = {"annotations.x"}});
  return property ? std::visit(Shown(), property->value) : property.error().sentence();
}

TEST(UnitProperties, AreTheLimitsThatSystemdKnows) {
  EXPECT_THAT(told("memory.max", "1000"), ElementsAre("MemoryMax=t 1000"));
  EXPECT_THAT(told("memory.swap.max", "max"), ElementsAre("MemorySwapMax=t 18446744073709551615"));
  EXPECT_THAT(told("pids.max", "9"), ElementsAre("TasksMax=t 9"));
  EXPECT_THAT(told("hugetlb.2MB.max", "9"), IsEmpty());
}

TEST(UnitProperties, CountCpuTimeASecondInWholeHundredths) {
  EXPECT_THAT(told("cpu.max", "50000 100000"),
              ElementsAre("CPUQuotaPerSecUSec=t 500000", "CPUQuotaPeriodUSec=t 100000"));
  EXPECT_THAT(told("cpu.max", "1001 100000"),
              ElementsAre("CPUQuotaPerSecUSec=t 20000", "CPUQuotaPeriodUSec=t 100000"));
  EXPECT_THAT(told("cpu.max", "max 100000"),
              ElementsAre("CPUQuotaPerSecUSec=t 18446744073709551615", "CPUQuotaPeriodUSec=t 100000"));
  EXPECT_THAT(told("cpu.max", "1000 0"), IsEmpty());
}

TEST(UnitProperties, AreReadFromText) {
  EXPECT_EQ(read("'a b'"), "'a b'");
  EXPECT_EQ(read("true"), "true");
  EXPECT_EQ(read("uint64 5000000000"), "t 5000000000");
  EXPECT_EQ(read("int32 5"), "i 5");
  EXPECT_EQ(read("5"), "i 5");
  EXPECT_EQ(read("[1, 2]"),
            "cannot set the property P of the unit: '[1, 2]' is neither a text in quotes, a number, true nor "
            "false (annotations.x)");
}

}  // namespace
}  // namespace kelp::launch
