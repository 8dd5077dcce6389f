// SPDX-License-Identifier: Apache-2.0
// Seccomp profiles in JSON: what becomes a value, and what is refused by its path.
#include "formats/seccomp_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <linux/seccomp.h>

#include <cerrno>
#include <string>

namespace kelp::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string refusal(std::string_view text) {
  const auto profile = read_seccomp_profile(text, {});
  return profile ? "" : profile.error().sentence();
}
// The refusal of one rule.
std::string refusal_of_rule(const std::string& rule) {
  return refusal(
      R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": [], "action": "SCMP_ACT_ALLOW"}, )" +
      rule + "]}");
}
SeccompProfile profile_of(std::string_view text, CapabilityMask capabilities = 0) {
  auto profile = read_seccomp_profile(text, {.capabilities = capabilities});
  EXPECT_TRUE(profile) << (profile ? "" : profile.error().sentence());
  return profile ? std::move(*profile) : SeccompProfile{};
}

TEST(SeccompJson, IsReadAsTheSpecificationSays) {
  const SeccompProfile got = profile_of(R"({
    "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
    "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
    "flags": ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_TSYNC"],
    "syscalls": [
      {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"},
      {"names": ["ioctl"], "action": "SCMP_ACT_KILL_PROCESS", "args": [
        {"index": 1, "value": 4294967295, "valueTwo": 21522, "op": "SCMP_CMP_MASKED_EQ"}]},
      {"names": ["chmod"], "action": "SCMP_ACT_ERRNO"}]})");
  EXPECT_EQ(got.default_action, (SeccompAction{SeccompActionKind::kErrno, ENOSYS}));
  EXPECT_THAT(got.architectures, ElementsAre("SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"));
  EXPECT_EQ(got.flags, std::uint32_t{SECCOMP_FILTER_FLAG_LOG});
  ASSERT_THAT(got.rules, SizeIs(3));
  EXPECT_THAT(got.rules[0].names, ElementsAre("read", "write"));
  EXPECT_EQ(got.rules[1].action.kind, SeccompActionKind::kKillProcess);
  EXPECT_THAT(
      got.rules[1].comparisons,
      ElementsAre(SeccompComparison{
          .index = 1, .op = SeccompOperator::kMaskedEqual, .value = 0xFFFFFFFF, .value_two = 0x5412}));
  EXPECT_EQ(got.rules[1].place, "syscalls[1]");
  EXPECT_EQ(got.rules[2].action, (SeccompAction{SeccompActionKind::kErrno, EPERM}))
      << "EPERM where it is not said";
}

TEST(SeccompJson, TakesTheConditionsOfPodmanAndDocker) {
  constexpr std::string_view kText = R"({
    "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "defaultErrno": "ENOSYS",
    "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]},
                {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]}],
    "syscalls": [
      {"names": ["a"], "action": "SCMP_ACT_ALLOW", "args": null, "comment": "", "includes": {}, "excludes": {}},
      {"names": ["b"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
      {"names": ["c"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1, "errno": "EPERM", "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
      {"names": ["d"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["s390x"]}},
      {"names": ["e"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["amd64", "arm64"], "minKernel": "4.8"}}]})";
  const auto names = [&](CapabilityMask capabilities) {
    std::string out;
    for (const SeccompRule& rule : profile_of(kText, capabilities).rules) out += rule.names.front();
    return out;
  };
  EXPECT_EQ(names(0), "ace");
  EXPECT_EQ(names(CapabilityMask{1} << CAP_SYS_ADMIN), "abe");
  EXPECT_THAT(profile_of(kText).architectures, testing::Not(IsEmpty()));
  EXPECT_THAT(profile_of(kText).architectures, testing::Not(testing::Contains(HasSubstr("MIPS"))));
}

TEST(SeccompJson, ThatIsNoneIsRefusedWithItsPlace) {
  EXPECT_THAT(refusal("{"), HasSubstr("cannot read the seccomp profile: parse error at line 1, column 2"));
  EXPECT_THAT(refusal("{\"a\": \xff}"), HasSubstr("parse error at line 1"));
  EXPECT_THAT(refusal("[]"), HasSubstr("the top: it is no object"));
  EXPECT_THAT(refusal("{}"), HasSubstr("defaultAction: it is missing"));
  EXPECT_THAT(refusal(std::string(200'000, '[')), HasSubstr("parse error"));
  EXPECT_THAT(refusal(R"({"defaultAction": 5})"), HasSubstr("defaultAction: it is no text"));
  EXPECT_THAT(refusal(R"({"defaultAction": "ALLOW"})"), HasSubstr("defaultAction: 'ALLOW' is no action"));
  EXPECT_THAT(refusal(R"({"defaultAction": "SCMP_ACT_ALLOW", "sycalls": []})"),
              HasSubstr("sycalls: kelp does not know it"));
  EXPECT_THAT(
      refusal(
          R"({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_VAX"]})"),
      HasSubstr("architectures[1]: 'SCMP_ARCH_VAX' is no architecture"));
  EXPECT_THAT(refusal(R"({"defaultAction": "SCMP_ACT_ALLOW", "flags": ["X"]})"),
              HasSubstr("flags[0]: kelp does not know 'X'"));
  EXPECT_THAT(refusal(R"({"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/run/x"})"),
              HasSubstr("listenerPath: kelp tells nobody"));
  EXPECT_THAT(refusal(R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 4096})"),
              HasSubstr("defaultErrnoRet: 4096 is more than 4095"));
}

TEST(SeccompJson, RefusesAWrongRuleByItsPath) {
  EXPECT_THAT(refusal_of_rule(R"({"action": "SCMP_ACT_ALLOW"})"),
              HasSubstr("syscalls[1].names: it is missing"));
  EXPECT_THAT(refusal_of_rule(R"({"names": "read", "action": "SCMP_ACT_ALLOW"})"),
              HasSubstr("syscalls[1].names: it is no list"));
  EXPECT_THAT(refusal_of_rule(R"({"names": ["read", 3], "action": "SCMP_ACT_ALLOW"})"),
              HasSubstr("syscalls[1].names[1]: it is no text"));
  EXPECT_THAT(refusal_of_rule(R"({"names": ["read"], "action": "SCMP_ACT_NOTIFY"})"),
              HasSubstr("syscalls[1].action: SCMP_ACT_NOTIFY needs somebody"));
  EXPECT_THAT(refusal_of_rule(R"({"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": -1})"),
              HasSubstr("syscalls[1].errnoRet: it is no whole number from 0 on"));
  const auto argument = [](const std::string& text) {
    return refusal_of_rule(R"({"names": ["read"], "action": "SCMP_ACT_ERRNO", "args": [)" + text + "]}");
  };
  EXPECT_THAT(argument(R"({"index": 6, "value": 1, "op": "SCMP_CMP_EQ"})"),
              HasSubstr("syscalls[1].args[0].index: 6 is more than 5"));
  EXPECT_THAT(argument(R"({"index": 0, "value": 1, "op": "SCMP_CMP_IS"})"),
              HasSubstr("syscalls[1].args[0].op: 'SCMP_CMP_IS' is no comparison"));
  EXPECT_THAT(argument(R"({"index": 0, "value": 18446744073709551616, "op": "SCMP_CMP_EQ"})"),
              HasSubstr("syscalls[1].args[0].value: it is no whole number"));
  EXPECT_THAT(argument(R"({"index": 0, "op": "SCMP_CMP_EQ"})"),
              HasSubstr("syscalls[1].args[0].value: it is missing"));
  EXPECT_THAT(
      argument(
          R"({"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 2, "op": "SCMP_CMP_EQ"})"),
      HasSubstr("syscalls[1].args[1]: argument 0 is compared twice"));
  EXPECT_THAT(
      refusal_of_rule(R"({"names": ["a"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_X"]}})"),
      HasSubstr("syscalls[1].includes.caps: 'CAP_X' is no capability"));
  EXPECT_THAT(
      refusal_of_rule(R"({"names": ["a"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "6.1"}})"),
      HasSubstr("syscalls[1].includes.minKernel: kelp knows 4.8 only"));
}

TEST(SeccompJson, IsToldFromBpfByItsFirstByte) {
  EXPECT_TRUE(looks_like_json(" \n{"));
  EXPECT_FALSE(looks_like_json(std::string_view("\x20\x00\x00\x00\x04\x00\x00\x00", 8))) << "BPF begins so";
  EXPECT_FALSE(looks_like_json(""));
}

}  // namespace
}  // namespace kelp::formats
