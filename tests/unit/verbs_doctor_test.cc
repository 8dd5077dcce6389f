// SPDX-License-Identifier: Apache-2.0
// What doctor prints of its findings, for people and for programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <vector>

#include "verbs/doctor_print.h"

namespace kelp::verbs {
namespace {

using host::Condition;
using testing::HasSubstr;
using testing::Not;

const std::vector<DoctorItem> kHealthy = {
    {.name = "a", .finding = {.condition = Condition::kOk, .fact = "fine", .why = "", .mend = ""}},
    {.name = "b",
     .finding = {.condition = Condition::kLimited, .fact = "less", .why = "old", .mend = "renew"}},
};
const std::vector<DoctorItem> kIll = {
    {.name = "c", .finding = {.condition = Condition::kMissing, .fact = "gone", .why = "lost", .mend = ""}},
};

TEST(Doctor, PrintsALineAnItemAndWhatMendsItBelow) {
  EXPECT_EQ(doctor_text(kHealthy, Colour::kNever),
            "ok       a: fine\n"
            "limited  b: less\n"
            "         why:  old\n"
            "         mend: renew\n"
            "kelp runs at full strength here\n");
  EXPECT_THAT(doctor_text(kIll, Colour::kNever),
              HasSubstr("missing  c: gone\n         why:  lost\nsomething"));
}

TEST(Doctor, ColoursOnlyWhereItIsTold) {
  EXPECT_THAT(doctor_text(kIll, Colour::kNever), Not(HasSubstr("\033")));
  EXPECT_THAT(doctor_text(kIll, Colour::kYes), HasSubstr("\033[31mmissing\033[0m  c: gone"));
}

TEST(Doctor, OnlyWhatIsMissingCountsAgainstFullStrength) {
  EXPECT_TRUE(is_full_strength(kHealthy));
  EXPECT_FALSE(is_full_strength(kIll));
}

TEST(Doctor, PrintsJsonWithNullForWhatIsNotSaid) {
  const auto json = nlohmann::json::parse(doctor_json(kHealthy));
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["full_strength"], true);
  EXPECT_EQ(
      json["items"][1],
      (nlohmann::json{
          {"name", "b"}, {"condition", "limited"}, {"fact", "less"}, {"why", "old"}, {"mend", "renew"}}));
  EXPECT_TRUE(json["items"][0]["why"].is_null());
}

TEST(Doctor, BytesThatAreNoTextDoNotEndIt) {
  const std::vector<DoctorItem> items = {
      {.name = "c", .finding = {.condition = Condition::kOk, .fact = "\xff", .why = "", .mend = ""}}};
  EXPECT_TRUE(nlohmann::json::accept(doctor_json(items)));
}

}  // namespace
}  // namespace kelp::verbs
